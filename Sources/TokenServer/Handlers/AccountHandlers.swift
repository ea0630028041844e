import Crypto
package import GRPCCore
import ServiceKit
import SwiftProtobuf
import Synchronization
package import TemporisAPI
package import TokenDomain

/// Serves accounts and the dashboard sessions that act for them.
package final class AccountHandlers: Temporis_Token_V1_AccountService.SimpleServiceProtocol {
  private let store: TokenStore
  private let hasher: PasswordHasher
  private let sessionLifetime: Duration
  private let throttle: Mutex<SignInThrottle>

  /// Creates the handlers.
  ///
  /// - Parameters:
  ///   - sessionLifetime: how long a dashboard session works.
  ///   - throttle: limits the passwords tried for one address.
  package init(
    store: TokenStore, hasher: PasswordHasher, sessionLifetime: Duration, throttle: SignInThrottle = SignInThrottle()
  ) {
    self.store = store
    self.hasher = hasher
    self.sessionLifetime = sessionLifetime
    self.throttle = Mutex(throttle)
  }

  package func createAccount(
    request: Temporis_Token_V1_CreateAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccountResponse {
    guard let email = EmailAddress(request.email) else {
      throw ServiceError(.invalidArgument, "email must be 3 to 254 bytes with one @ and without spaces.")
    }
    guard let password = Password(request.password) else {
      throw ServiceError(.invalidArgument, "password must be 8 to 256 bytes long.")
    }
    let key = try RequestRules.idempotencyKey(request.idempotencyKey)
    let keyHash = key.isEmpty ? nil : Array(SHA256.hash(data: Array(key.utf8)))
    let passwordHash = try await hasher.hash(password)
    let created = try await store.createAccount(email: email, passwordHash: passwordHash, idempotencyHash: keyHash)
    var response = Temporis_Token_V1_CreateAccountResponse()
    if let created {
      response.account = Temporis_Token_V1_Account(created)
    } else {
      let account = try await repeated(email, password, keyHash)
      response.account = Temporis_Token_V1_Account(account)
    }
    return response
  }

  package func getAccount(
    request: Temporis_Token_V1_GetAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_GetAccountResponse {
    let principal = try Principal.required()
    // The credential was checked a moment ago, so an account that is gone is no refusal of the caller.
    guard let account = try await store.account(principal.accountID) else { throw ServiceError(.unavailable) }
    var response = Temporis_Token_V1_GetAccountResponse()
    response.account = Temporis_Token_V1_Account(account)
    return response
  }

  package func createSession(
    request: Temporis_Token_V1_CreateSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateSessionResponse {
    // What breaks a rule belongs to no account; to say so quickly tells nothing about any.
    guard let email = EmailAddress(request.email), let password = Password(request.password),
      let account = try await account(signedInAs: email, password)
    else { throw ServiceError(.signInFailed) }
    let session = try await store.createSession(for: account, lifetime: sessionLifetime)
    var response = Temporis_Token_V1_CreateSessionResponse()
    response.secret = session.secret.revealed
    response.account = Temporis_Token_V1_Account(account)
    response.expireTime = Google_Protobuf_Timestamp(session.expireTime)
    return response
  }

  package func deleteSession(
    request: Temporis_Token_V1_DeleteSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionResponse {
    let principal = try Principal.required()
    guard principal.kind == .dashboardSession else { throw ServiceError(.sessionRequired) }
    try await store.deleteSession(principal.credentialID, of: principal.accountID)
    return Temporis_Token_V1_DeleteSessionResponse()
  }
}

extension AccountHandlers {
  /// The account of an address and a password that belong together; `nil` when they do not.
  private func account(signedInAs email: EmailAddress, _ password: Password) async throws -> AccountRecord? {
    guard let record = try await checked(email, password), !record.isSuspended else { return nil }
    return record.account
  }

  /// How the address signs in, if the password is right. Counts against the address's attempts.
  private func checked(_ email: EmailAddress, _ password: Password) async throws -> SignInRecord? {
    if let wait = throttle.withLock({ $0.attempt(email.key, at: .now) }) {
      throw ServiceError(.rateLimited, "Too many failed sign-ins for this address.", retryAfter: wait)
    }
    do {
      let record = try await store.signIn(email)
      guard try await hasher.verify(password, against: record?.passwordHash), let record else { return nil }
      throttle.withLock { $0.succeeded(email.key) }
      return record
    } catch {
      // A fault says nothing about the password.
      throttle.withLock { $0.withdrawn(email.key) }
      throw error
    }
  }

  /// The account that an earlier call with the same key created for the same address and password.
  ///
  /// Keys are told apart by address: callers without a credential share no other name space, and one stranger's key
  /// must not answer another's account.
  private func repeated(
    _ email: EmailAddress, _ password: Password, _ keyHash: [UInt8]?
  ) async throws -> AccountRecord {
    guard let keyHash, let stored = try await store.signIn(email)?.idempotencyHash,
      ConstantTime.areEqual(stored, keyHash)
    else { throw ServiceError(.accountExists) }
    guard let record = try await checked(email, password) else { throw ServiceError(.idempotencyKeyReused) }
    return record.account
  }
}
