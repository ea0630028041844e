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

  private let account: StackAccount
  private let tokenName: String
  private let now: Int64

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
    account = StackAccount(title: "demo", services: services, identity: identity, signIns: signIns)
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
    try await account.retrying {
      if let previousSession { await account.endSession(previousSession) }
      let signedIn = try await account.signIn()
      return try await account.withSession(of: signedIn) { client in
        try await DemoData.own.prepare(client, now: now)
        let card = Temporis_Billing_V1_SetPaymentMethodRequest.with { $0.paymentMethodReference = "pm_card_visa" }
        _ = try await client.billing.setPaymentMethod(card)
        let (secret, id) = try await makeToken(client, keeping: token)
        return DemoCredentials(
          email: signedIn.signIn.email, password: signedIn.signIn.password, session: signedIn.session, token: secret,
          tokenID: id)
      }
    }
  }

  /// Ends the credentials at a clean stop. A stack that is already half gone keeps them until its next start.
  func revoke(_ credentials: DemoCredentials) async {
    // Each as far as it goes: there is nobody left to tell, and the next start deletes what stayed.
    try? await StackClient.with(
      services: account.services, identity: account.identity, session: credentials.session
    ) { client in
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = credentials.tokenID }
      try await CallDeadline.within(.seconds(5)) {
        _ = try? await client.tokens.deleteAccessToken(request)
        _ = try? await client.accounts.deleteSession(.init())
      }
    }
  }

  /// Ends the session and leaves the access token.
  package func signOut(_ credentials: DemoCredentials) async {
    await account.endSession(credentials.session)
  }

  /// Makes an access token in place of those of earlier stacks, also of those that were killed.
  private func makeToken(_ client: StackClient, keeping kept: String?) async throws -> (secret: String, id: String) {
    let earlier = try await client.allTokens().filter { $0.name == tokenName }
    if let kept, let token = earlier.first(where: { kept.hasSuffix($0.lastFour) }) { return (kept, token.id) }
    for token in earlier {
      let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = token.id }
      try await StackAccount.unless(.accessTokenNotFound) {
        _ = try await client.tokens.deleteAccessToken(request)
      }
    }
    let request = Temporis_Token_V1_CreateAccessTokenRequest.with { $0.name = tokenName }
    let created = try await client.tokens.createAccessToken(request)
    return (created.secret, created.accessToken.id)
  }
}
