package import Postgres

/// An account as it is stored.
package struct AccountRecord: Sendable, Hashable {
  /// `acct_` and 22 base62 characters.
  package let id: String
  /// The sign-in address as it was given.
  package let email: String
  /// When the account was created.
  package let createTime: PostgresTimestamp
}

/// How an account signs in.
struct SignInRecord: Sendable {
  let account: AccountRecord
  let passwordHash: PasswordHash
  /// SHA-256 of the idempotency key that created the account.
  let idempotencyHash: [UInt8]?
  let isSuspended: Bool
}
