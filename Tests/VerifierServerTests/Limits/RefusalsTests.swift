import GRPCCore
import GRPCNghttp2Transport
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import VerifierServer

@Suite struct RefusalsTests {
  private static func key(_ id: String, _ reason: Refusals.Reason) throws -> Refusals.Key {
    let refusals = Refusals()
    refusals.note(try credential(id), reason)
    return try #require(refusals.take().keys.first)
  }

  private static func credential(_ id: String) throws -> CachedCredential {
    try #require(CachedCredential(.test(id), asked: .now, useReportedUntil: .distantFuture))
  }

  @Test("Refusals of known credentials are counted by credential and reason, on the fast path too, and no others")
  func counting() async throws {
    let fixture = VerifierFixture()
    let (narrow, stopped) = (fixture.create("tok_1"), fixture.create("tok_2", state: .stopped))
    let expired = fixture.create("tok_3", state: .stopped, lifetime: .zero)
    for secret in [narrow, narrow, narrow, stopped, expired, Secret(kind: .accessToken)] {
      _ = try await fixture.verify(secret, .ingest)
    }
    _ = try await fixture.verify(narrow, .predict)
    var request = Temporis_Verifier_V1_VerifyRequest()
    request.authorization = "Bearer \(narrow.revealed)"
    request.requiredPermission = .ingest
    let message: [UInt8] = try request.serializedBytes()
    let context = FastPathContext(peer: ConnectionPeer(remote: "", local: ""))
    _ = message.withUnsafeBytes { fixture.verifier.fastPath.handler($0.bytes, context) }
    #expect(
      fixture.verifier.refusals.take() == [
        try Self.key("tok_1", .permission): 4, try Self.key("tok_2", .stopped): 1,
      ])
    #expect(fixture.verifier.refusals.take().isEmpty)
  }

  @Test("No more credentials are counted at a time than a report can hold")
  func bound() throws {
    let refusals = Refusals()
    for number in 0..<1_500 { refusals.note(try Self.credential("tok_\(number)"), .permission) }
    refusals.note(try Self.credential("tok_0"), .permission)
    let taken = refusals.take()
    #expect(taken.count == 1_000)
    #expect(taken[try Self.key("tok_0", .permission)] == 2)
  }

  @Test("What was counted is reported")
  func report() async throws {
    let (refusals, client) = (Refusals(), FakeCredentialClient())
    let report = RefusalReport(of: refusals, client: client, timeout: .seconds(60))
    try await report.send()
    #expect(client.reported.isEmpty)
    refusals.note(try Self.credential("tok_1"), .permission)
    refusals.note(try Self.credential("tok_1"), .permission)
    refusals.note(try Self.credential("tok_1"), .stopped)
    try await report.send()
    try await report.send()
    #expect(client.reported.count == 1)
    let sent = try #require(client.reported.first).refusals.sorted { $0.count < $1.count }
    #expect(sent.map(\.accountID) == ["acct_1", "acct_1"])
    #expect(sent.map(\.credentialID) == ["tok_1", "tok_1"])
    #expect(sent.map(\.reason) == [.stopped, .permission])
    #expect(sent.map(\.count) == [1, 2])
  }

  @Test("What could not be reported is reported with the next")
  func retry() async throws {
    let refusals = Refusals()
    refusals.note(try Self.credential("tok_1"), .permission)
    let failing = FakeCredentialClient(error: RPCError(code: .unavailable, message: ""))
    await #expect(throws: (any Error).self) {
      try await RefusalReport(of: refusals, client: failing, timeout: .seconds(60)).send()
    }
    refusals.note(try Self.credential("tok_1"), .permission)
    let client = FakeCredentialClient()
    try await RefusalReport(of: refusals, client: client, timeout: .seconds(60)).send()
    #expect(try #require(client.reported.first).refusals.map(\.count) == [2])
  }
}
