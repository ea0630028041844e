import Crypto
import ServiceKit
import TemporisAPI
package import TokenDomain

/// An access token that is to be created.
package struct NewAccessToken: Sendable {
  /// The token's name, 1 to 100 characters.
  package let name: String
  /// What it may do; not empty.
  package let permissions: Set<Permission>
  /// How long it works; `nil` when it works until it is deleted.
  package let lifetime: Duration?
  /// Makes a retry safe; `nil` when no retry is to be recognized.
  package let idempotencyKey: String?

  /// Describes a token. The values have been checked.
  package init(name: String, permissions: Set<Permission>, lifetime: Duration?, idempotencyKey: String?) {
    self.name = name
    self.permissions = permissions
    self.lifetime = lifetime
    self.idempotencyKey = idempotencyKey
  }

  /// Checks and reads a request. No permissions stand for all.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` with the field that breaks a rule.
  init(_ request: Temporis_Token_V1_CreateAccessTokenRequest) throws(ServiceError) {
    self.init(
      name: try AccessTokenValidation.name(request.name),
      permissions: request.permissions.isEmpty
        ? Set(Permission.allCases) : try AccessTokenValidation.permissions(request.permissions),
      lifetime: request.hasLifetime ? try AccessTokenValidation.lifetime(request.lifetime) : nil,
      idempotencyKey: try IdempotencyKey.ofCreation(request.idempotencyKey))
  }

  /// SHA-256 of the request without its key: a key that comes again with another request is refused.
  private var requestHash: [UInt8] {
    let permissions = permissions.map(\.rawValue).sorted().joined(separator: ",")
    // The name is the only free text and comes last, so no two requests look alike.
    let lifetime = lifetime.map { "\($0.components.seconds).\($0.components.attoseconds)" } ?? "-"
    return Array(SHA256.hash(data: Array("\(permissions)\n\(lifetime)\n\(name)".utf8)))
  }

  /// The call that creates it.
  var operation: IdempotentOperation {
    IdempotentOperation(kind: .create, key: idempotencyKey, requestHash: requestHash)
  }
}
