import Crypto
import ServiceKit
import TemporisAPI

/// A new secret for an access token.
package struct AccessTokenRotation: Sendable {
  /// The token's id.
  package let accessTokenID: String
  /// How long the present secret works on.
  package let grace: Duration
  /// Makes a retry safe; `nil` when no retry is to be recognized.
  package let idempotencyKey: String?

  /// Describes a rotation. The values have been checked.
  package init(of accessTokenID: String, grace: Duration, idempotencyKey: String?) {
    self.accessTokenID = accessTokenID
    self.grace = grace
    self.idempotencyKey = idempotencyKey
  }

  /// Checks and reads a request.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` with the field that breaks a rule.
  init(_ request: Temporis_Token_V1_RotateAccessTokenRequest) throws(ServiceError) {
    self.init(
      of: request.accessTokenID, grace: try AccessTokenValidation.grace(request.grace),
      idempotencyKey: try IdempotencyKey.ofCreation(request.idempotencyKey))
  }

  /// SHA-256 of the request without its key: a key that comes again with another request is refused.
  private var requestHash: [UInt8] {
    let grace = grace.components
    return Array(SHA256.hash(data: Array("\(accessTokenID)\n\(grace.seconds).\(grace.attoseconds)".utf8)))
  }

  /// The call that rotates it.
  var operation: IdempotentOperation {
    IdempotentOperation(kind: .rotate, key: idempotencyKey, requestHash: requestHash)
  }
}
