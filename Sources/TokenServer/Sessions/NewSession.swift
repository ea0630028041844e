import Postgres
import TokenDomain

/// A dashboard session that has just been opened.
struct NewSession: Sendable {
  /// The most sessions of an account that have not ended. Sign-ins at the same moment may exceed it by their number.
  static let limit = 1_000

  /// Its secret, which is shown once.
  let secret: Secret
  /// When it ends by itself.
  let expireTime: PostgresTimestamp
}
