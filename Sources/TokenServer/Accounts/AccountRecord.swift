package import Postgres
import ServiceDatabase
import SwiftProtobuf
import TemporisAPI

/// An account as it is stored.
package struct AccountRecord: Sendable, Hashable {
  /// `acct_` and 22 base62 characters.
  package let id: String
  /// The sign-in address as it was given.
  package let email: String
  /// When the account was created.
  package let createTime: PostgresTimestamp
}

extension Temporis_Token_V1_Account {
  init(_ record: AccountRecord) {
    self.init()
    id = record.id
    email = record.email
    createTime = Google_Protobuf_Timestamp(record.createTime)
  }
}

/// The stored means by which an account signs in.
struct SignInRecord: Sendable {
  let account: AccountRecord
  /// The form of the address that it is found by.
  let emailKey: String
  let passwordHash: PasswordHash
  /// SHA-256 of the idempotency key that created the account.
  let idempotencyHash: [UInt8]?
  let isSuspended: Bool
}
