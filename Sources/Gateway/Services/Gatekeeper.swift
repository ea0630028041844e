import HTTPTypes
package import ServiceKit
import TokenDomain

/// Authenticates the requests that the gateway itself refuses, since a 401 comes before every other answer, and those
/// that it must hold much of before it can tell.
///
/// What is forwarded is authenticated by the service that does what it asks, whatever was found here.
package struct Gatekeeper: Sendable {
  private let verifier: any AuthorizationVerifier

  /// Creates a gatekeeper that asks `verifier`.
  package init(verifier: any AuthorizationVerifier) {
    self.verifier = verifier
  }

  /// Why a caller is turned away: the 401 or 403, or the operation's 502 when the verifier is out of order. Nil: the caller
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
