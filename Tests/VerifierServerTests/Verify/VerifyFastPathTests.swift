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

  /// What becomes of a message in the end.
  private func completion(_ message: [UInt8]) async -> FastPathPromise.Completion {
    switch fast(message) {
    case .reply(let bytes): return .reply(bytes)
    case .error(let error): return .error(error)
    case .fallThrough: return .fallThrough
    case .later(let promise):
      return await withCheckedContinuation { continuation in promise.notify { continuation.resume(returning: $0) } }
    }
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
    switch await completion(message) {
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

  @Test("What must be looked up is answered later, with the same bytes, and then at once")
  func later() async throws {
    fixture.register(lease: .seconds(3_600))
    let asked = fixture.source.asked.count
    for (number, secret) in [token, narrow, session, stopped, unknown].enumerated() {
      let message = try message("Bearer \(secret.revealed)", .predict)
      guard case .later(let promise) = fast(message) else {
        Issue.record("answered at once")
        continue
      }
      let completion = await withCheckedContinuation { continuation in
        promise.notify { continuation.resume(returning: $0) }
      }
      guard case .reply(let bytes) = completion, case .reply(bytes) = fast(message) else {
        Issue.record("\(number): \(completion)")
        continue
      }
      let expected: [Temporis_Verifier_V1_Verdict] = [.valid, .permissionDenied, .valid, .invalid, .invalid]
      #expect(try Temporis_Verifier_V1_VerifyResponse(serializedBytes: bytes).verdict == expected[number])
      #expect(await slow(message) == bytes)
    }
    #expect(fixture.source.asked.count == asked + 5)
  }

  @Test("A look-up that fails is the error that the handler throws")
  func fault() async throws {
    let cause = ServiceError(.unavailable, "Down.", isRetried: true)
    fixture.source.fault = cause
    let new = fixture.create("tok_9")
    guard case .error(let error) = await completion(try message("Bearer \(new.revealed)")) else {
      Issue.record("no error")
      return
    }
    #expect(ServiceError(error) == cause)
    fixture.source.fault = CancellationError()
    guard case .error(let other) = await completion(try message("Bearer \(new.revealed)")) else {
      Issue.record("no error")
      return
    }
    #expect(ServiceError(other)?.reason == .unavailable)
  }

  @Test("A look-up that does not count, or not yet, is left to the handler")
  func undecided() async throws {
    let new = fixture.create("tok_9")
    let header = try message("Bearer \(new.revealed)")
    fixture.source.hold()
    let deleted = fast(header)
    try await eventually { fixture.source.heldCount == 1 }
    fixture.change(.credential("tok_9"), new)
    fixture.source.release()
    guard case .later(let promise) = deleted else {
      Issue.record("answered at once")
      return
    }
    let completion = await withCheckedContinuation { continuation in
      promise.notify { continuation.resume(returning: $0) }
    }
    guard case .fallThrough = completion else {
      Issue.record("\(completion)")
      return
    }
    _ = fixture.source.commit(.credential("tok_8"))
    guard case .fallThrough = await self.completion(header) else {
      Issue.record("answered ahead of the log")
      return
    }
  }

  @Test("Unknown tokens count against their client, who is left to the handler when there were too many")
  func attempts() async throws {
    let fixture = VerifierFixture(attempts: 2)
    var metadata = Metadata()
    metadata.addString("192.0.2.1", forKey: ClientAddress.metadataKey)
    let context = FastPathContext(metadata: metadata, peer: ConnectionPeer(remote: "", local: ""))
    for number in 0..<3 {
      let message = try message("Bearer \(Secret(kind: .accessToken).revealed)")
      switch message.withUnsafeBytes({ fixture.verifier.fastPath.handler($0.bytes, context) }) {
      case .later(let promise):
        #expect(number < 2)
        _ = await withCheckedContinuation { continuation in promise.notify { continuation.resume(returning: $0) } }
      case .fallThrough: #expect(number == 2)
      case .reply, .error: Issue.record("answered at once")
      }
    }
    #expect(fixture.source.asked.count == 2)
  }

  @Test("What is unusual, has an unknown permission, or comes without a lease is left to the handler")
  func fallThrough() async throws {
    #expect(await !compare(try message("Bearer ü")))
    #expect(await !compare(try message("Bearer \(String(repeating: "a", count: 2_000))")))
    for permission in [Temporis_Token_V1_Permission.UNRECOGNIZED(9), .UNRECOGNIZED(300)] {
      #expect(await !compare(try message("", permission)))
      #expect(await !compare(try message("Bearer \(token.revealed)", permission)))
    }
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
