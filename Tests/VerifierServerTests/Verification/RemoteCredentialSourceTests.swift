import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import Testing
import TokenDomain
import VerifierServer

@Suite struct RemoteCredentialSourceTests {
  private let hash = SecretHash(Secret(kind: .accessToken))

  private func look(_ client: FakeCredentialClient) async throws -> CredentialLookup {
    let found = try await RemoteCredentialSource(client: client, timeout: .seconds(2)).lookUp([hash])
    #expect(found.count == 1)
    return try #require(found.first).get()
  }

  @Test("The hash is sent, never the secret, and no longer than the timeout is waited")
  func request() async throws {
    let client = FakeCredentialClient(nil)
    #expect(try await look(client) == CredentialLookup(nil, readAt: LogPosition(revision: 7, tag: 9)))
    let (request, timeout) = try #require(client.asked.first)
    #expect(request.secretSha256.map { Array($0) } == [hash.bytes])
    let rest = try #require(timeout)
    #expect(rest > .zero && rest <= .seconds(2))
  }

  @Test("An answer becomes a credential")
  func answer() async throws {
    var credential = Temporis_Token_V1_Credential()
    credential.kind = .dashboardSession
    credential.accountID = "acct_1"
    credential.credentialID = "ses_1"
    credential.permissions = [.predict, .UNRECOGNIZED(9)]
    credential.remainingLifetime.seconds = 1
    credential.remainingLifetime.nanos = 500_000_000
    for (message, state) in [(.active, .active), (.stopped, .stopped)]
      as [(Temporis_Token_V1_CredentialState, Credential.State)]
    {
      credential.state = message
      let expected = Credential(
        Principal(accountID: "acct_1", credentialID: "ses_1", kind: .dashboardSession, permissions: [.predict]),
        state: state, remainingLifetime: .milliseconds(1_500))
      #expect(
        try await look(FakeCredentialClient(credential))
          == CredentialLookup(expected, readAt: LogPosition(revision: 7, tag: 9)))
    }
  }

  @Test("An answer that makes no sense is a fault")
  func nonsense() async throws {
    var whole = Temporis_Token_V1_Credential()
    whole.accountID = "acct_1"
    whole.credentialID = "tok_1"
    whole.kind = .accessToken
    whole.state = .active
    _ = try await look(FakeCredentialClient(whole))
    var (kind, account, id, state) = (whole, whole, whole, whole)
    kind.kind = .unspecified
    account.accountID = ""
    id.credentialID = ""
    state.state = .UNRECOGNIZED(7)
    for credential in [Temporis_Token_V1_Credential(), kind, account, id, state] {
      let error = await #expect(throws: ServiceError.self) { try await look(FakeCredentialClient(credential)) }
      #expect(error?.reason == .unavailable)
    }
  }

  @Test("One of several that makes no sense is a fault of its own, and any other number of answers is one of all")
  func several() async throws {
    var whole = Temporis_Token_V1_Credential()
    whole.accountID = "acct_1"
    whole.credentialID = "tok_1"
    whole.kind = .accessToken
    whole.state = .active
    let hashes = (0..<3).map { _ in SecretHash(Secret(kind: .accessToken)) }
    let client = FakeCredentialClient(nil, Temporis_Token_V1_Credential(), whole)
    let source = RemoteCredentialSource(client: client, timeout: .seconds(2))
    let found = try await source.lookUp(hashes)
    #expect(client.asked.first?.0.secretSha256.map { Array($0) } == hashes.map(\.bytes))
    #expect(found.count == 3)
    #expect(try found[0].get().credential == nil)
    #expect(throws: ServiceError.self) { try found[1].get() }
    #expect(try found[2].get().credential?.principal.credentialID == "tok_1")
    for count in [2, 4] {
      let others = (0..<count).map { _ in SecretHash(Secret(kind: .accessToken)) }
      let error = await #expect(throws: ServiceError.self) { try await source.lookUp(others) }
      #expect(error?.reason == .unavailable)
    }
  }

  @Test("An answer without a place in the log can't be judged, and is a fault")
  func noPosition() async throws {
    let error = await #expect(throws: ServiceError.self) { try await look(FakeCredentialClient(nil, position: nil)) }
    #expect(error?.reason == .unavailable)
  }

  @Test(
    "Whatever status the token service answers, the fault is UNAVAILABLE",
    arguments: [
      RPCError.Code.unavailable, .deadlineExceeded, .notFound, .unauthenticated, .permissionDenied, .internalError,
      .unknown, .cancelled, .invalidArgument,
    ])
  func faults(code: RPCError.Code) async throws {
    let client = FakeCredentialClient(error: RPCError(code: code, message: ""))
    let error = await #expect(throws: ServiceError.self) { try await look(client) }
    #expect(error?.reason == .unavailable)
  }
}
