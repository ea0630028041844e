import Gateway
import HummingbirdTesting
import InMemoryLogging
import Logging
import ServiceKit
import SystemSupport
import Testing

/// What the log says, at the level that it has by default, of requests that never reach a route.
@Suite(.timeLimit(.minutes(1))) struct RefusalLogTests {
  private let handler: InMemoryLogHandler
  private var gateway = TestGateway()

  init() {
    var handler = InMemoryLogHandler()
    handler.logLevel = .info
    handler.metadataProvider = RequestID.metadataProvider
    gateway.logger = Logger(label: "test") { [handler] _ in handler }
    self.handler = handler
  }

  /// The lines with that message, once the server has ended.
  private func lines(_ message: String) -> [Logger.Metadata] {
    handler.entries.filter { $0.message.description == message }.map(\.metadata)
  }

  private func exchange(_ text: String, _ gateway: TestGateway) async throws -> String {
    try await gateway.application.test(.live) { server in
      try await RawConnection.exchange(text, port: #require(server.port))
    }
  }

  private func overTLS() async throws -> TestGateway {
    var gateway = gateway
    gateway.identity = try await TestCertificate.shared.value.identity
    return gateway
  }

  private func curl(_ path: String, _ arguments: [String], _ gateway: TestGateway) async throws {
    let certificate = try await TestCertificate.shared.value.path
    try await gateway.application.test(.live) { server in
      let url = "https://localhost:\(try #require(server.port))\(path)"
      _ = try await Command.run(
        "curl", ["-q", "--silent", "--max-time", "60", "--cacert", certificate, url] + arguments)
    }
  }

  static let long = String(repeating: "secret", count: 4_000)
  static let refusals: [(request: String, status: String, reason: String)] = [
    ("secret\r\n\r\n", "400", "Bad Request"),
    ("GET /secret HTTP/1.1\r\n\r\n", "400", "Exactly one valid Host header is required."),
    (
      "GET / HTTP/1.1\r\nHost: secret\r\nTransfer-Encoding: secret, chunked\r\n\r\n", "501",
      "Unsupported transfer coding."
    ),
    ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", "414", "URI Too Long"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", "431", "Request Header Fields Too Large"),
  ]

  @Test("A refusal has a line with its status, why, and its id, and nothing of the request", arguments: refusals)
  func refused(_ request: String, _ status: String, _ reason: String) async throws {
    let answer = try await exchange(request, gateway)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    let lines = lines("Request")
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(line["status"]?.description == status && line["reason"]?.description == reason, "\(line)")
    #expect(line["path"] == "other")
    let id = try #require(line["request_id"]?.description)
    #expect(answer.lowercased().contains("\r\nx-request-id: \(id)\r\n"))
    #expect(!"\(handler.entries)".contains("secret"))
  }

  @Test("An HTTP/2 request that is refused for its target, or as a stream too many, has such a line")
  func refusedHTTP2() async throws {
    var gateway = try await overTLS()
    try await curl("/?\(String(repeating: "a", count: 9_000))", ["--http2", "-H", "X-Request-Id: one"], gateway)
    gateway.limits.streams = 0
    try await curl("/healthz", ["--http2", "-H", "X-Request-Id: two"], gateway)
    let lines = lines("Request")
    #expect(lines.map { $0["status"]?.description } == ["414", "429"], "\(lines)")
    #expect(lines.map { $0["reason"]?.description } == ["URI Too Long", "Too many requests."])
    #expect(lines.map { $0["request_id"]?.description } == ["one", "two"])
  }

  @Test("An HTTP/2 connection that ends with a header list that is too long leaves a line without it")
  func headerListHTTP2() async throws {
    try await curl("/healthz", ["--http2", "-H", "X: \(Self.long)"], overTLS())
    let line = try #require(lines("An HTTP/2 client broke the protocol or a limit").first, "\(handler.entries)")
    #expect(line["reason"] != nil)
    #expect(!"\(handler.entries)".contains("secret"))
  }

  @Test("What is no TLS handshake leaves a line, and a connection that only looks whether the port is open leaves none")
  func handshake() async throws {
    let gateway = try await overTLS()
    _ = try await exchange("GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", gateway)
    #expect(lines("A TLS handshake failed").count == 1)
    #expect(!"\(handler.entries)".contains("secret"))
    try await gateway.application.test(.live) { server in
      _ = try await RawConnection.exchange([""], port: #require(server.port), halfClosing: true)
    }
    #expect(lines("A TLS handshake failed").count == 1, "\(handler.entries)")
  }

  @Test("A body that takes too long leaves a line that says so")
  func lateBody() async throws {
    var gateway = gateway
    gateway.limits.bodyPace.timeout = .milliseconds(50)
    let head = """
      POST \(TestGateway.ingestPath) HTTP/1.1\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r
      Content-Length: 100\r\n\r\n
      """
    #expect(try await exchange(head + "{", gateway).isEmpty)
    let line = try #require(lines("A request was not answered").first, "\(handler.entries)")
    #expect(line["path"]?.description == TestGateway.ingestPath)
    #expect(line["error"]?.description == "The body took longer than 0.05 seconds.")
  }

  @Test("A body that comes too slowly ends its connection, and leaves a line that says so")
  func slowBody() async throws {
    var gateway = gateway
    gateway.limits.bodyPace.grace = .zero
    gateway.limits.bodyPace.leastRate = 1 << 40
    let head = """
      POST \(TestGateway.ingestPath) HTTP/1.1\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r
      Content-Length: 100\r\n\r\n
      """
    #expect(try await exchange(head + "{", gateway).isEmpty)
    let line = try #require(lines("A request was not answered").first, "\(handler.entries)")
    #expect(line["error"]?.description.hasPrefix("The body came slower than 1099511627776 bytes a second") == true)
  }

  @Test("Only after the grace is a body too slow that has come at less than the least rate")
  func pace() {
    let pace = BodyReader.Pace()
    #expect(!pace.isMissed(by: 1, of: 0, in: .seconds(20)))
    #expect(pace.isMissed(by: 20 << 10, of: 0, in: .seconds(20) + .milliseconds(1)))
    #expect(!pace.isMissed(by: 21 << 10, of: 0, in: .seconds(21)))
    #expect(pace.isMissed(by: 0, of: 0, in: .seconds(100_000)))
    #expect(!pace.isMissed(by: 1 << 40, of: 0, in: .seconds(100_000)))
    // Of 12 MB, 3 MB have to be there after 30 of the 120 seconds.
    #expect(pace.isMissed(by: 2_999_999, of: 12_000_000, in: .seconds(30)))
    #expect(!pace.isMissed(by: 3_000_000, of: 12_000_000, in: .seconds(30)))
  }

  @Test("That further connections wait is a line, at most once a second")
  func connections() {
    var limit = ConnectionLimit(2, faults: FaultLog(logger: gateway.logger))
    limit.connectionOpened()
    #expect(limit.isAcceptingNewConnections())
    limit.connectionOpened()
    for _ in 0..<100 { #expect(!limit.isAcceptingNewConnections()) }
    let lines = handler.entries
    #expect(lines.count == 1 && lines.first?.level == .warning)
    limit.connectionClosed()
    #expect(limit.isAcceptingNewConnections())
  }
}
