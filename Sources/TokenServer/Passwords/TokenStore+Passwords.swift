import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Changes a password, ends all sessions of the account, the principal's own included, and opens a new one. Once this
  /// has returned, no verifier answers that one of the others works.
  ///
  /// Of the principal's own somebody may have a copy. And the key that created the account answers it no more: whoever
  /// repeats that call does not know the new password.
  ///
  /// - Parameters:
  ///   - record: The stored sign-in that the password until now was checked against.
  ///   - client: The network that the change is asked for from; `nil` when it is not known.
  /// - Throws: ``ServiceError`` `signInFailed` when another password is stored by now, `accessTokenInvalid` when the
  ///   principal's own session has ended. Then nothing changes.
  func changePassword(
    _ record: SignInRecord, to hash: PasswordHash, for principal: Principal, lifetime: Duration,
    from client: ClientAddress?
  ) async throws -> NewSession {
    // Of nothing in particular: in a batch the sign-in is locked before the account's credentials.
    let (change, _) = try await revoke(in: principal.accountID) {
      transaction -> (subjects: [Revocation.Subject], result: CredentialChange<NewSession>) in
      let changed = try await transaction.execute(
        """
        UPDATE token.sign_in SET password_hash = $4, password_salt = $5, scrypt_cost_exponent = $6,
          scrypt_block_size = $7, scrypt_parallelism = $8, idempotency_hash = NULL
        WHERE email_key = $1 AND account_id = $2 AND password_hash = $3
        """, parameters: record.identity + hash.stored)
      guard changed.affected == 1 else { return ([], .refused(.wrongPassword)) }
      let sessions = try await lockSessions(of: principal.accountID, in: transaction)
      // Thrown, so that the password is as it was. Whoever ended the session may have had a reason.
      guard sessions.contains(principal.credentialID) else { throw ServiceError(.accessTokenInvalid) }
      let ended = try await endSessions(sessions, of: principal.accountID, in: transaction)
      try await audit(.changePassword, of: principal.accountID, by: principal, in: transaction)
      let session = try await openSession(for: record.with(hash), lifetime: lifetime, from: client, in: transaction)
      return (ended, .made(session))
    }
    return try change.get()
  }
}
