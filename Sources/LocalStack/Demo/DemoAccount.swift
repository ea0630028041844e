import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Sets the demo account up through the services' RPCs, like any client. Doing it again changes nothing but the
/// credentials, which are new each time.
struct DemoAccount: Sendable {
  /// Where the services are.
  let services: [String: [String]]
  /// Where the password comes from.
  let secrets: StackSecrets
  /// Unix seconds: where the series ends.
  let now: Int64

  private static let tokenName = "temporis up demo"
  private static let source = "store_metrics"
  private static let profile = "hourly_orders"
  private static let series = "orders"

  /// Creates whatever is missing, and new credentials.
  ///
  /// - Parameter previousSession: The session of the last stack, which is ended.
  func prepare(previousSession: String?) async throws -> DemoCredentials {
    // A machine that is busy with the start may miss a deadline or two; every step may be done again.
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try await prepareOnce(previousSession: previousSession)
      } catch let error as RPCError {
        let isTransient = error.code == .unavailable || error.code == .deadlineExceeded
        guard isTransient, ContinuousClock.now < deadline else {
          let message = ServiceError(error)?.message ?? error.message
          throw LocalStackError(.startFailed, "The demo account could not be set up: \(message)")
        }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  private func prepareOnce(previousSession: String?) async throws -> DemoCredentials {
    try await StackClient.with(services: services, session: nil) { client in
      if let previousSession { await endSession(previousSession, client) }
      var (client, email, password) = try await signIn(client)
      try await prepareData(&client)
      try await deleteTokens(client)
      let request = Temporis_Token_V1_CreateAccessTokenRequest.with { $0.name = Self.tokenName }
      let created = try await client.tokens.createAccessToken(
        request, metadata: client.metadata, options: client.options)
      return DemoCredentials(
        email: email, password: password, session: client.session ?? "", token: created.secret,
        tokenID: created.accessToken.id)
    }
  }

  /// Ends the credentials at a clean stop. A stack that is already half gone keeps them until its next start.
  func revoke(_ credentials: DemoCredentials) async {
    try? await StackClient.with(services: services, session: credentials.session) { client in
      var options = client.options
      options.timeout = .seconds(5)
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = credentials.tokenID }
      _ = try? await client.tokens.deleteAccessToken(request, metadata: client.metadata, options: options)
      _ = try? await client.accounts.deleteSession(.init(), metadata: client.metadata, options: options)
    }
  }

  /// Signs in, creating the account first if it is missing.
  ///
  /// On a database that several stacks use, the first one's account has the plain address and its own password; the
  /// others add a tag to the address.
  private func signIn(_ client: StackClient) async throws -> (StackClient, email: String, password: String) {
    for email in ["demo@temporis.local", "demo+\(secrets.demoTag)@temporis.local"] {
      let password = secrets.demoPassword(email: email)
      let account = Temporis_Token_V1_CreateAccountRequest.with {
        $0.email = email
        $0.password = password
      }
      try await Self.unless(.accountExists) {
        _ = try await client.accounts.createAccount(account, options: client.options)
      }
      let request = Temporis_Token_V1_CreateSessionRequest.with {
        $0.email = email
        $0.password = password
      }
      var signedIn = client
      let refused = try await Self.unless(.signInFailed) {
        signedIn.session = try await client.accounts.createSession(request, options: client.options).secret
      }
      if !refused { return (signedIn, email, password) }
    }
    throw LocalStackError(.startFailed, "The database's demo account belongs to another data folder")
  }

  private func prepareData(_ client: inout StackClient) async throws {
    let (metadata, options) = (client.metadata, client.options)
    let source = Temporis_Predict_V1_CreateDataSourceRequest.with { $0.name = Self.source }
    try await Self.unless(.dataSourceExists) {
      _ = try await client.sources.createDataSource(source, metadata: metadata, options: options)
    }
    let records = DemoSeries.rows(until: now).map { row in
      Temporis_Predict_V1_Record.with {
        $0.timestamp = row.timestamp
        $0.name = Self.series
        $0.value = row.orders
      }
    }
    try await Self.unless(.dataSourceArchived) { try await client.ingest(records, into: Self.source) }
    let profile = Temporis_Predict_V1_CreateDataProfileRequest.with {
      $0.name = Self.profile
      $0.settings.dataSource = Self.source
      $0.settings.names = [Self.series]
      $0.settings.interval = DemoSeries.interval
    }
    try await Self.unless(.dataProfileExists) {
      _ = try await client.profiles.createDataProfile(profile, metadata: metadata, options: options)
    }
    try await waitUntilReady(client)
    let card = Temporis_Billing_V1_SetPaymentMethodRequest.with { $0.paymentMethodReference = "pm_card_visa" }
    _ = try await client.billing.setPaymentMethod(card, metadata: metadata, options: options)
  }

  private func waitUntilReady(_ client: StackClient) async throws {
    let request = Temporis_Predict_V1_GetDataProfileRequest.with { $0.name = Self.profile }
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      let answer = try await client.profiles.getDataProfile(
        request, metadata: client.metadata, options: client.options)
      if answer.dataProfile.ready { return }
      guard ContinuousClock.now < deadline else {
        throw LocalStackError(.startFailed, "The demo profile \(Self.profile) did not become ready within 30 s")
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Deletes the tokens of earlier stacks, also of those that were killed.
  private func deleteTokens(_ client: StackClient) async throws {
    for token in try await client.allTokens() where token.name == Self.tokenName {
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = token.id }
      try await Self.unless(.accessTokenNotFound) {
        _ = try await client.tokens.deleteAccessToken(request, metadata: client.metadata, options: client.options)
      }
    }
  }

  private func endSession(_ session: String, _ client: StackClient) async {
    var client = client
    client.session = session
    _ = try? await client.accounts.deleteSession(.init(), metadata: client.metadata, options: client.options)
  }

  /// Runs a call, taking one refusal for an answer.
  ///
  /// - Returns: Whether it was refused so.
  @discardableResult
  private static func unless(_ reason: ServiceError.Reason, _ call: () async throws -> Void) async throws -> Bool {
    do {
      try await call()
      return false
    } catch let error as RPCError where ServiceError(error)?.reason == reason {
      return true
    }
  }
}
