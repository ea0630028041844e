import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Changes a password, and ends all sessions of the account but the principal's own. Once this has returned, no
  /// verifier answers that one of them works.
  ///
  /// - Parameter record: The stored sign-in that the password until now was checked against.
  /// - Throws: ``ServiceError`` `signInFailed` when another password is stored by now.
  func changePassword(_ record: SignInRecord, to hash: PasswordHash, for principal: Principal) async throws {
    let known: [PostgresValue] = [
      .text(record.emailKey), .text(principal.accountID), .bytea(record.passwordHash.key),
    ]
    // Of nothing in particular: in a batch the sign-in is locked before the account's credentials.
    let (change, _) = try await revoke {
      transaction -> (subjects: [Revocation.Subject], result: CredentialChange<Void>) in
      let changed = try await transaction.execute(
        """
        UPDATE token.sign_in SET password_hash = $4, password_salt = $5, scrypt_cost_exponent = $6,
          scrypt_block_size = $7, scrypt_parallelism = $8
        WHERE email_key = $1 AND account_id = $2 AND password_hash = $3
        """, parameters: known + hash.stored)
      guard changed.affected == 1 else { return ([], .refused(.wrongPassword)) }
      let ended = try await endSessions(of: principal.accountID, except: principal.credentialID, in: transaction)
      try await audit(.changePassword, of: principal.accountID, by: principal, in: transaction)
      return (ended, .made(()))
    }
    try change.get()
  }
}
