package import ServiceKit
import TokenDomain

/// Authenticates the requests that the gateway itself refuses, since a 401 comes before every other answer.
///
/// Requests that can be forwarded are authenticated by the service that does what they ask.
package struct Gatekeeper: Sendable {
  private let verifier: any AuthorizationVerifier

  /// Creates a gatekeeper that asks `verifier`.
  package init(verifier: any AuthorizationVerifier) {
    self.verifier = verifier
  }

  /// What to answer instead of `refusal`: itself if the caller is allowed to hear it, else the 401 or 403 that comes
  /// first, or the operation's 502 when the verifier is out of order.
  func authenticated(
    _ refusal: APIError, authorization: String, permission: Permission, operation: Operation
  ) async -> APIError {
    do {
      switch try await verifier.verify(authorization: authorization, permission: permission) {
      case .valid(let principal) where principal.kind == .dashboardSession: return .invalidAccessToken
      case .valid: return refusal
      case .missing: return .missingAccessToken
      case .invalid: return .invalidAccessToken
      case .permissionDenied: return .permissionDenied
      }
    } catch {
      return operation.failure
    }
  }
}
