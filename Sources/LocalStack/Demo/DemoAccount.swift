import GRPCCore
package import GRPCNghttp2Transport
package import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Sets the demo account up through the services' RPCs, like any client. Doing it again changes nothing but the
/// credentials.
package struct DemoAccount: Sendable {
  /// An address and its password.
  package struct SignIn: Sendable {
    let email: String
    let password: String

    /// Takes an address and its password.
    package init(email: String, password: String) {
      self.email = email
      self.password = password
    }
  }

  /// The address that signs in, unless another is asked for.
  package static let defaultEmail = "demo@temporis.local"

  private let services: [Workload: [String]]
  private let identity: WorkloadIdentity?
  private let signIns: [SignIn]
  private let tokenName: String
  let now: Int64

  /// Takes what the account needs.
  /// - Parameters:
  ///   - services: `HOST:PORT` of every replica, by service.
  ///   - identity: Who calls the services. Nil: they speak plaintext.
  ///   - signIns: The first that is not somebody else's is the account's.
  ///   - tokenName: The access token's name. The account's earlier tokens of this name are deleted.
  ///   - now: Unix seconds: where the series ends.
  package init(
    services: [Workload: [String]], identity: WorkloadIdentity?, signIns: [SignIn], tokenName: String, now: Int64
  ) {
    self.services = services
    self.identity = identity
    self.signIns = signIns
    self.tokenName = tokenName
    self.now = now
  }

  /// Creates whatever is missing, and a session.
  ///
  /// - Parameters:
  ///   - previousSession: A session that is ended.
  ///   - token: The access token to keep if it still works. Otherwise, and without one, a new token is made.
  /// - Throws: ``LocalStackError`` when the services refuse, or do not answer for 30 seconds.
  package func prepare(
    ending previousSession: String? = nil, keeping token: String? = nil
  ) async throws -> DemoCredentials {
    // A machine that is busy with the start may miss a deadline or two; every step may be done again.
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try await prepareOnce(ending: previousSession, keeping: token)
      } catch let error as RPCError {
        let isTransient = error.code == .unavailable || error.code == .deadlineExceeded
        guard isTransient, ContinuousClock.now < deadline else {
          let message = ServiceError(error)?.message ?? error.message
          throw LocalStackError(.startFailed, "The demo account could not be set up: \(message)")
        }
        try await pause(for: .milliseconds(200))
      }
    }
  }

  private func prepareOnce(
    ending previousSession: String?, keeping token: String?
  ) async throws -> DemoCredentials {
    if let previousSession { await endSession(previousSession) }
    let (signIn, session) = try await StackClient.with(services: services, identity: identity, session: nil) {
      try await self.signIn($0)
    }
    do {
      return try await StackClient.with(services: services, identity: identity, session: session) { client in
        try await prepareData(client)
        let (secret, id) = try await makeToken(client, keeping: token)
        return DemoCredentials(
          email: signIn.email, password: signIn.password, session: session, token: secret, tokenID: id)
      }
    } catch {
      // In a task of its own: this one may have been cancelled, and its connections with it.
      await Task { await endSession(session) }.value
      throw error
    }
  }

  /// Ends the credentials at a clean stop. A stack that is already half gone keeps them until its next start.
  func revoke(_ credentials: DemoCredentials) async {
    // Each as far as it goes: there is nobody left to tell, and the next start deletes what stayed.
    try? await StackClient.with(services: services, identity: identity, session: credentials.session) { client in
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = credentials.tokenID }
      try await CallDeadline.within(.seconds(5)) {
        _ = try? await client.tokens.deleteAccessToken(request)
        _ = try? await client.accounts.deleteSession(.init())
      }
    }
  }

  /// Ends the session and leaves the access token.
  package func signOut(_ credentials: DemoCredentials) async {
    await endSession(credentials.session)
  }

  /// Signs in, creating the account first if it is missing.
  private func signIn(_ client: StackClient) async throws -> (signIn: SignIn, session: String) {
    for signIn in signIns {
      let account = Temporis_Token_V1_CreateAccountRequest.with {
        $0.email = signIn.email
        $0.password = signIn.password
      }
      try await Self.unless(.accountExists) {
        _ = try await client.accounts.createAccount(account)
      }
      let request = Temporis_Token_V1_CreateSessionRequest.with {
        $0.email = signIn.email
        $0.password = signIn.password
      }
      var session: String?
      try await Self.unless(.signInFailed) {
        session = try await client.accounts.createSession(request).secret
      }
      if let session { return (signIn, session) }
    }
    let emails = signIns.map(\.email).joined(separator: " and ")
    throw LocalStackError(.startFailed, "The demo account \(emails) was created with another password")
  }

  /// Makes an access token in place of those of earlier stacks, also of those that were killed.
  private func makeToken(_ client: StackClient, keeping kept: String?) async throws -> (secret: String, id: String) {
    let earlier = try await client.allTokens().filter { $0.name == tokenName }
    if let kept, let token = earlier.first(where: { kept.hasSuffix($0.lastFour) }) { return (kept, token.id) }
    for token in earlier {
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = token.id }
      try await Self.unless(.accessTokenNotFound) {
        _ = try await client.tokens.deleteAccessToken(request)
      }
    }
    let request = Temporis_Token_V1_CreateAccessTokenRequest.with { $0.name = tokenName }
    let created = try await client.tokens.createAccessToken(request)
    return (created.secret, created.accessToken.id)
  }

  /// Ends a session, if the services still answer. One that stays ends by itself.
  private func endSession(_ session: String) async {
    // There is nobody left to tell: the stack stops, or another error is thrown.
    try? await StackClient.with(services: services, identity: identity, session: session) { client in
      _ = try await CallDeadline.within(.seconds(5)) {
        try await client.accounts.deleteSession(.init())
      }
    }
  }

  /// Runs a call, taking one refusal for an answer.
  ///
  /// - Returns: Whether it was refused so.
  @discardableResult
  static func unless(_ reason: ServiceError.Reason, _ call: () async throws -> Void) async throws -> Bool {
    do {
      try await call()
      return false
    } catch let error as RPCError where ServiceError(error)?.reason == reason {
      return true
    }
  }
}
