import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import VerifierServer

/// The fast path answers what the handler answers, byte by byte, or nothing.
@Suite(.timeLimit(.minutes(5))) struct VerifyFastPathTests {
  private let fixture = VerifierFixture()
  private let token: Secret
  private let narrow: Secret
  private let session: Secret
  private let stopped: Secret
  private let expired: Secret
  private let unknown = Secret(kind: .accessToken)

  init() async throws {
    token = fixture.create("tok_0123456789012345678901", account: "acct_0123456789012345678901")
    narrow = fixture.create("tok_2", permissions: [])
    session = fixture.create("ses_1", kind: .dashboardSession, permissions: [.ingest, .predict])
    stopped = fixture.create("tok_3", state: .stopped)
    expired = fixture.create("tok_4", lifetime: .milliseconds(1))
    let asked = ContinuousClock.now
    for secret in [token, narrow, session, stopped, expired, unknown] { _ = try await fixture.verify(secret) }
    // From here on nothing changes any more.
    try await eventually { asked.duration(to: .now) > .milliseconds(100) }
  }

  /// What the fast path makes of a message.
  private func fast(_ message: [UInt8]) -> FastPathAnswer {
    let context = FastPathContext(peer: ConnectionPeer(remote: "ipv4:127.0.0.1:1", local: "ipv4:127.0.0.1:2"))
    return message.withUnsafeBytes { fixture.verifier.fastPath.handler($0.bytes, context) }
  }

  /// What the handler answers; `nil` for an error, the message's own included.
  private func slow(_ message: [UInt8]) async -> [UInt8]? {
    do {
      let request = try Temporis_Verifier_V1_VerifyRequest(serializedBytes: message)
      return try await VerifierHandler(verifier: fixture.verifier).verify(request: request, context: .test)
        .serializedBytes()
    } catch {
      return nil
    }
  }

  /// Compares both; returns whether the fast path answered.
  @discardableResult
  private func compare(_ message: [UInt8]) async -> Bool {
    switch fast(message) {
    case .reply(let bytes):
      #expect(await slow(message) == bytes, "\(message)")
      return true
    case .error(let error):
      Issue.record("\(error)")
      return true
    case .fallThrough: return false
    }
  }

  private func message(
    _ authorization: String, _ permission: Temporis_Token_V1_Permission = .unspecified
  ) throws -> [UInt8] {
    var request = Temporis_Verifier_V1_VerifyRequest()
    request.authorization = authorization
    request.requiredPermission = permission
    return try request.serializedBytes()
  }

  @Test("Whatever is cached or needs no look-up is answered, with every permission")
  func answers() async throws {
    let secrets = [token, narrow, session, stopped, expired, unknown]
    let headers =
      secrets.flatMap { ["Bearer \($0.revealed)", "bEARER   \($0.revealed) ", "\t \($0.revealed)", "\($0.revealed)"] }
      + [
        "", " ", "Bearer", "Bearer abc", "Bearer a b", "Basic abc", "Bearer \(token.revealed)0", "Bearer ====",
        "Bearer a==",
      ]
    for header in headers {
      for permission in [.unspecified, .ingest, .predict] as [Temporis_Token_V1_Permission] {
        #expect(await compare(try message(header, permission)), "\(header.prefix(12))")
      }
    }
    #expect(fixture.source.asked.count == secrets.count)
  }

  @Test("What must be looked up, is unusual, or has an unknown permission is left to the handler")
  func fallThrough() async throws {
    let new = fixture.create("tok_9")
    #expect(await !compare(try message("Bearer \(new.revealed)")))
    #expect(await !compare(try message("Bearer ü")))
    #expect(await !compare(try message("Bearer \(String(repeating: "a", count: 2_000))")))
    for permission in [Temporis_Token_V1_Permission.UNRECOGNIZED(9), .UNRECOGNIZED(300)] {
      #expect(await !compare(try message("", permission)))
      #expect(await !compare(try message("Bearer \(token.revealed)", permission)))
    }
    fixture.change(.credential("tok_2"), narrow)
    #expect(await !compare(try message("Bearer \(narrow.revealed)")))
    if let session = fixture.credentials.sessionID { fixture.credentials.end(session) }
    #expect(await !compare(try message("Bearer \(token.revealed)")))
    #expect(await !compare(try message("Bearer \(unknown.revealed)")))
    #expect(await compare(try message("Bearer abc")))
  }

  @Test("A token whose use is to be noted today is left to the handler")
  func useDay() async throws {
    let fixture = VerifierFixture(time: { 86_400 * 100 - 0.000_001 })
    let secret = fixture.create()
    _ = try await fixture.verify(secret)
    let path = fixture.verifier.fastPath
    let context = FastPathContext(peer: ConnectionPeer(remote: "", local: ""))
    let message = try message("Bearer \(secret.revealed)")
    try await eventually {
      if case .fallThrough = message.withUnsafeBytes({ path.handler($0.bytes, context) }) { true } else { false }
    }
  }

  @Test("Headers at random get the same bytes from both", arguments: 0..<8)
  func randomHeaders(seed: Int) async throws {
    var generator = SystemRandomNumberGenerator()
    let secrets = [token, narrow, session, stopped, expired, unknown].map(\.revealed)
    let parts =
      secrets + secrets.map { String($0.dropLast(6)) }
      + [
        "Bearer ", "bearer ", "BEARER", "Basic ", " ", "\t", ",", "=", "==", "-", "_", "ts_", "tss_", "a", "0", "é",
        "\0", "\u{7F}",
      ]
    var answered = 0
    for _ in 0..<1_000 {
      let count = Int.random(in: 0...5, using: &generator)
      var text = (0..<count).compactMap { _ in parts.randomElement(using: &generator) }.joined()
      if Bool.random(using: &generator) { text = "Bearer " + text }
      let permission = Temporis_Token_V1_Permission.allCases.randomElement(using: &generator) ?? .ingest
      if await compare(try message(text, permission)) { answered += 1 }
    }
    #expect(answered > 500)
  }

  @Test(
    "Messages that were changed at random get the same bytes, the same error, or are left to the handler",
    arguments: 0..<8)
  func randomMessages(seed: Int) async throws {
    var generator = SystemRandomNumberGenerator()
    let originals =
      try [token, session, unknown].flatMap { secret in
        [try message("Bearer \(secret.revealed)", .predict), try message("Bearer \(secret.revealed)")]
      } + [try message("", .ingest), []]
    for _ in 0..<1_000 {
      var message = originals.randomElement(using: &generator) ?? []
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        let index = Int.random(in: 0...message.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0 where index < message.count: message[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where index < message.count: message.remove(at: index)
        case 2: message.insert(.random(in: .min ... .max, using: &generator), at: index)
        case 3: message.removeLast(message.count - index)
        case 4: message += originals.randomElement(using: &generator) ?? []
        default: message.insert(contentsOf: [0x0A, 0x10, 0x80, 0x00].prefix(2), at: index)
        }
      }
      await compare(message)
    }
  }

  @Test("A length that is longer than it has to be, a field that comes twice and one in another place are left alone")
  func unusualForms() async throws {
    let header = Array("Bearer \(token.revealed)".utf8)
    let length = UInt8(header.count)
    let field = [0x0A, length] + header
    for message in [
      [0x0A, length | 0x80, 0x00] + header, field + field, [0x10, 0x02] + field, field + [0x10, 0x02, 0x10, 0x02],
      field + [0x10, 0x82, 0x00], field + [0x18, 0x01], [0x0A, length + 1] + header, [0x0A], [0x0A, 0x80], [0x10],
      field + [0x10], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    ] {
      #expect(await !compare(message), "\(message.count)")
    }
    #expect(await compare(field + [0x10, 0x00]))
    #expect(await compare([0x0A, 0x00]))
    #expect(await compare([0x0A, 0x00, 0x10, 0x01]))
  }

  @Test("A long header whose length takes two bytes is read")
  func longHeader() async throws {
    let spaces = String(repeating: " ", count: 300)
    #expect(await compare(try message("Bearer\(spaces)\(token.revealed)\(spaces)", .predict)))
  }
}
