import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// An account that is set up through the services' RPCs, like any client's. Every step may be done again.
struct StackAccount: Sendable {
  /// What it is, for errors: `demo`.
  let title: String
  /// `HOST:PORT` of every replica, by service.
  let services: [Workload: [String]]
  /// Who calls the services. `nil`: they speak plaintext.
  let identity: WorkloadIdentity?
  /// The first that is not somebody else's is the account's.
  let signIns: [DemoAccount.SignIn]

  /// Who is signed in.
  struct SignedIn: Sendable {
    let signIn: DemoAccount.SignIn
    let accountID: String
    let session: String
  }

  /// Does something until the services answer: a machine that is busy with the start may miss a deadline or two.
  ///
  /// - Throws: `LocalStackError` when the services refuse, or do not answer for 30 seconds.
  func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try await body()
      } catch let error as RPCError {
        let isTransient = error.code == .unavailable || error.code == .deadlineExceeded
        guard isTransient, ContinuousClock.now < deadline else {
          let message = ServiceError(error)?.message ?? error.message
          throw LocalStackError(.startFailed, "The \(title) account could not be set up: \(message)")
        }
        try await pause(for: .milliseconds(200))
      }
    }
  }

  /// Signs in, creating the account first if it is missing.
  func signIn() async throws -> SignedIn {
    try await StackClient.with(services: services, identity: identity, session: nil) { try await signIn($0) }
  }

  /// Signs in as the first of the sign-ins that there is. `nil`: none has that password.
  func existing() async throws -> SignedIn? {
    try await StackClient.with(services: services, identity: identity, session: nil) { client in
      for signIn in signIns {
        if let signedIn = try await session(signIn, client) { return signedIn }
      }
      return nil
    }
  }

  /// Creates the account at the first address, if there is none. `nil`: there is one with another password.
  func createFirst() async throws -> SignedIn? {
    try await StackClient.with(services: services, identity: identity, session: nil) { client in
      guard let signIn = signIns.first else { return nil }
      return try await created(signIn, client)
    }
  }

  private func signIn(_ client: StackClient) async throws -> SignedIn {
    for signIn in signIns {
      if let signedIn = try await created(signIn, client) { return signedIn }
    }
    let emails = signIns.map(\.email).joined(separator: " and ")
    throw LocalStackError(.startFailed, "The \(title) account \(emails) was created with another password")
  }

  /// Creates an account, if there is none at the address, and signs in. `nil`: there is one with another password.
  private func created(_ signIn: DemoAccount.SignIn, _ client: StackClient) async throws -> SignedIn? {
    let account = Temporis_Token_V1_CreateAccountRequest.with {
      $0.email = signIn.email
      $0.password = signIn.password
    }
    try await Self.unless(.accountExists) {
      _ = try await client.accounts.createAccount(account)
    }
    return try await session(signIn, client)
  }

  /// Signs in. `nil`: there is no such account, or it has another password.
  private func session(_ signIn: DemoAccount.SignIn, _ client: StackClient) async throws -> SignedIn? {
    let request = Temporis_Token_V1_CreateSessionRequest.with {
      $0.email = signIn.email
      $0.password = signIn.password
    }
    var signedIn: SignedIn?
    try await Self.unless(.signInFailed) {
      let created = try await client.accounts.createSession(request)
      signedIn = SignedIn(signIn: signIn, accountID: created.account.id, session: created.secret)
    }
    return signedIn
  }

  /// Does something with a session, which ends when that fails.
  func withSession<Result>(
    of signedIn: SignedIn, _ body: (StackClient) async throws -> Result
  ) async throws -> Result {
    do {
      return try await StackClient.with(services: services, identity: identity, session: signedIn.session, body)
    } catch {
      // In a task of its own: this one may have been cancelled, and its connections with it.
      await Task { await endSession(signedIn.session) }.value
      throw error
    }
  }

  /// Ends a session, if the services still answer. One that stays ends by itself.
  func endSession(_ session: String) async {
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
