import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Creates an account; `nil` when the address has one already.
  func createAccount(
    email: EmailAddress, passwordHash: PasswordHash, idempotencyHash: [UInt8]?
  ) async throws -> AccountRecord? {
    try await transaction { transaction in
      let id = ResourceID.make("acct")
      let values: [PostgresValue] = [.text(email.key), .text(id), .optional(idempotencyHash)]
      let claimed = try await transaction.execute(
        """
        INSERT INTO token.sign_in (email_key, account_id, idempotency_hash, password_hash, password_salt,
          scrypt_cost_exponent, scrypt_block_size, scrypt_parallelism)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
        """, parameters: values + passwordHash.stored)
      guard claimed.affected == 1 else { return nil }
      let rows = try await transaction.query(
        "INSERT INTO token.account (account_id, email) VALUES ($1, $2) RETURNING create_time",
        .text(id), .text(email.text))
      try await AuditEntry(accountID: id, action: .createAccount, actorID: id, subjectID: id).write(in: transaction)
      return try rows.first.map { row in
        AccountRecord(id: id, email: email.text, createTime: try row.decode(0))
      }
    }
  }

  /// The account with this id; `nil` when there is none.
  func account(_ id: String) async throws -> AccountRecord? {
    let rows = try await read("SELECT email, create_time FROM token.account WHERE account_id = $1", .text(id))
    return try rows.first.map { AccountRecord(id: id, email: try $0.decode(0), createTime: try $0.decode(1)) }
  }

  /// The stored sign-in of the account of this address; `nil` when there is none.
  func signIn(_ email: EmailAddress) async throws -> SignInRecord? {
    let rows = try await read(
      """
      SELECT a.account_id, a.email, a.create_time, a.suspend_time IS NOT NULL AS is_suspended, s.email_key,
        s.password_hash, s.password_salt, s.scrypt_cost_exponent, s.scrypt_block_size, s.scrypt_parallelism,
        s.idempotency_hash
      FROM token.sign_in s JOIN token.account a ON a.account_id = s.account_id WHERE s.email_key = $1
      """, .text(email.key))
    return try rows.first.map(SignInRecord.init)
  }
}

extension PasswordHash {
  /// The values of its columns: the hash, the salt, and the cost in three.
  var stored: [PostgresValue] {
    [
      .bytea(key), .bytea(salt), .int4(Int32(parameters.costExponent)), .int4(Int32(parameters.blockSize)),
      .int4(Int32(parameters.parallelism)),
    ]
  }
}

extension SignInRecord {
  /// The values that it is found by, unless its password was changed: the address, the account and the hash.
  var identity: [PostgresValue] { [.text(emailKey), .text(account.id), .bytea(passwordHash.key)] }

  /// The same sign-in with another password, and without the key that created the account.
  func with(_ hash: PasswordHash) -> SignInRecord {
    SignInRecord(
      account: account, emailKey: emailKey, passwordHash: hash, idempotencyHash: nil, isSuspended: isSuspended)
  }

  fileprivate init(_ row: PostgresRow) throws {
    account = AccountRecord(
      id: try row.decode("account_id"), email: try row.decode("email"), createTime: try row.decode("create_time"))
    emailKey = try row.decode("email_key")
    passwordHash = PasswordHash(
      parameters: ScryptParameters(
        costExponent: try row.decode("scrypt_cost_exponent"), blockSize: try row.decode("scrypt_block_size"),
        parallelism: try row.decode("scrypt_parallelism")),
      salt: try row.decode("password_salt"), key: try row.decode("password_hash"))
    idempotencyHash = try row.decode("idempotency_hash")
    isSuspended = try row.decode("is_suspended")
  }
}
