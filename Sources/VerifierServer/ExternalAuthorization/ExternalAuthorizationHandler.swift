package import GRPCCore
package import Logging
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
package import TokenDomain

/// Serves Envoy's external authorization on the same verdicts, for gateways that stand in front of the public API.
///
/// A request that may not go on is answered in the public API's words, and one that may is told for whom it acts. As on
/// the public API, a dashboard session is no access token. A fault is an error and no answer.
package struct ExternalAuthorizationHandler: Envoy_Service_Auth_V3_Authorization.SimpleServiceProtocol {
  private static let permissionKey = "permission"

  private let verifier: any AuthorizationVerifier
  private let faults: FaultLog

  /// Creates a handler that answers with the verdicts of `verifier`, and says in the log which clients try too much.
  package init(verifier: any AuthorizationVerifier, logger: Logger) {
    self.verifier = verifier
    faults = FaultLog(logger: logger)
  }

  /// Decides about a request by its `authorization` and by the permission that the gateway's route needs.
  ///
  /// - Throws: ``ServiceError`` `unavailable` when the credential cannot be looked up; `invalidArgument` when the route
  ///   needs a permission that there is not.
  package func check(
    request: Envoy_Service_Auth_V3_CheckRequest, context: ServerContext
  ) async throws -> Envoy_Service_Auth_V3_CheckResponse {
    let attributes = request.attributes
    let permissionName = attributes.contextExtensions[Self.permissionKey]
    let permission = permissionName.flatMap(Permission.init(rawValue:))
    guard (permission == nil) == (permissionName == nil) else {
      throw ServiceError(
        .invalidArgument, "context_extensions names a permission that there is not: 'ingest' and 'predict' are.")
    }
    let client = ClientAddress(attributes.source.address.socketAddress.address)
    do throws(ServiceError) {
      let verdict = try await verifier.verdict(
        on: attributes.request.http.headers["authorization"] ?? "", permission: permission, client: client)
      return .init(verdict)
    } catch {
      guard error.reason == .rateLimited else { throw error }
      // To the caller it is an answer, so that no interceptor sees it.
      faults.note("Refused a client", kind: "limit", error, metadata: ["client": "\(client?.text ?? "unknown")"])
      return .init(denied: .tooManyRequests(retryAfter: error.retryAfter))
    }
  }
}

extension Envoy_Service_Auth_V3_CheckResponse {
  fileprivate init(_ verdict: Verdict) {
    switch verdict {
    case .valid(let principal) where principal.kind == .accessToken: self.init(allowed: principal)
    case .permissionDenied(let principal) where principal.kind == .accessToken: self.init(denied: .permissionDenied)
    case .missing: self.init(denied: .missingAccessToken)
    case .valid, .invalid, .permissionDenied: self.init(denied: .invalidAccessToken)
    }
  }

  private init(allowed principal: Principal) {
    self.init()
    status = .with { $0.code = Int32(Status.Code.ok.rawValue) }
    okResponse.headers = [
      .init("x-temporis-account-id", principal.accountID), .init("x-temporis-credential-id", principal.credentialID),
    ]
  }

  fileprivate init(denied refusal: HTTPRefusal) {
    self.init()
    status = .with {
      $0.code = Int32(refusal.code.rawValue)
      $0.message = refusal.detail
    }
    deniedResponse.status.code = refusal.status
    deniedResponse.headers = refusal.headers.map { .init($0.name, $0.value) }
    deniedResponse.body = refusal.body
  }
}

extension Envoy_Service_Auth_V3_HeaderValueOption {
  /// A field that takes the place of what the client may have sent by its name.
  fileprivate init(_ name: String, _ value: String) {
    self.init()
    header.key = name
    header.value = value
    appendAction = .overwriteIfExistsOrAdd
  }
}
