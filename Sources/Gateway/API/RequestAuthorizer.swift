import HTTPTypes
package import TokenDomain

/// Authorizes the requests that the gateway itself refuses, since a 401 comes before every other answer, and those that
/// cost it memory before it can forward them.
///
/// A forwarded request is authorized by the service that handles it, whatever was found here.
package struct RequestAuthorizer: Sendable {
  private let verifier: any AuthorizationVerifier

  /// Creates an authorizer that asks `verifier`.
  package init(verifier: any AuthorizationVerifier) {
    self.verifier = verifier
  }

  /// Returns the 401 or 403 of a caller, or the operation's 502 when the verifier does not answer; nil when the caller
  /// may ask for the operation.
  func refusal(of headers: HTTPFields, permission: Permission, operation: Operation) async -> APIError? {
    do {
      switch try await verifier.verify(authorization: headers.authorization(), permission: permission) {
      case .valid(let principal) where principal.kind == .dashboardSession: return .invalidAccessToken
      case .valid: return nil
      case .missing: return .missingAccessToken
      case .invalid: return .invalidAccessToken
      case .permissionDenied: return .permissionDenied
      }
    } catch let error as APIError {
      return error
    } catch {
      return operation.failure.caused(by: error)
    }
  }
}
