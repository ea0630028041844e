import Crypto
package import GRPCCore
package import ServiceKit
import Synchronization
package import TemporisAPI
package import TokenDomain

/// Serves accounts and the dashboard sessions that act for them.
package final class AccountHandler: Temporis_Token_V1_AccountService.SimpleServiceProtocol {
  let store: TokenStore
  let hasher: PasswordHasher
  let sessionLifetime: Duration
  let throttle: Mutex<SignInThrottle<ClientAddress?>>
  /// What refused sign-ins leave to be written later.
  package let refusals: RefusedSignIns

  /// Creates the handler.
  ///
  /// - Parameters:
  ///   - sessionLifetime: How long a dashboard session works.
  ///   - throttle: Limits the passwords that are tried.
  package init(
    store: TokenStore, hasher: PasswordHasher, sessionLifetime: Duration,
    throttle: SignInThrottle<ClientAddress?> = SignInThrottle()
  ) {
    self.store = store
    self.hasher = hasher
    self.sessionLifetime = sessionLifetime
    self.throttle = Mutex(throttle)
    refusals = RefusedSignIns(store: store)
  }

  package func createAccount(
    request: Temporis_Token_V1_CreateAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccountResponse {
    guard let email = EmailAddress(request.email) else {
      throw ServiceError(violating: "email", "must be 3 to 254 bytes with one @ and without spaces")
    }
    let password = try Password(new: request.password, field: "password")
    let keyHash = try IdempotencyKey.ofCreation(request.idempotencyKey).map { Array(SHA256.hash(data: Array($0.utf8))) }
    let passwordHash = try await hasher.hash(password, as: .signUp, for: ClientAddress.current)
    let created = try await store.createAccount(email: email, passwordHash: passwordHash, idempotencyHash: keyHash)
    var response = Temporis_Token_V1_CreateAccountResponse()
    if let created {
      response.account = Temporis_Token_V1_Account(created)
    } else {
      response.account = Temporis_Token_V1_Account(try await account(createdBefore: email, password, keyHash))
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

  /// The account that an earlier call with the same key created for the same address and password.
  ///
  /// Keys are told apart by address: callers without a credential share no other name space, and one stranger's key
  /// must not answer another's account.
  private func account(
    createdBefore email: EmailAddress, _ password: Password, _ keyHash: [UInt8]?
  ) async throws -> AccountRecord {
    guard let keyHash, let stored = try await store.signIn(email)?.idempotencyHash,
      ConstantTime.areEqual(stored, keyHash)
    else { throw ServiceError(.accountExists) }
    guard let record = try await signInRecord(email, password) else { throw ServiceError(.idempotencyKeyReused) }
    return record.account
  }
}
