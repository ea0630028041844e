import ForecastChart
import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Testing

/// What clients send over a socket that no HTTP library would: each ends with the server closing the connection.
@Suite(.timeLimit(.minutes(1))) struct HTTP1Tests {
  private func answers(_ text: String, of gateway: TestGateway = TestGateway()) async throws -> String {
    try await gateway.application.test(.live) { server in
      try await RawConnection.exchange(text, port: #require(server.port))
    }
  }

  /// Whether this is that error and the end of the connection, and nothing else.
  private func isLastError(_ answer: String, _ status: Int, _ detail: String) -> Bool {
    let lower = answer.lowercased()
    return answer.hasPrefix("HTTP/1.1 \(status) ") && lower.contains("\r\nconnection: close\r\n")
      && lower.contains("\r\nx-request-id: ") && lower.contains("\r\ndate: ") && answer.contains("application/json")
      && answer.hasSuffix("\r\n\r\n{\"detail\": \"\(detail)\"}")
  }

  /// How many responses with a status there are.
  private func count(_ status: Int, in answer: String) -> Int {
    answer.components(separatedBy: "HTTP/1.1 \(status) ").count - 1
  }

  @Test("HTTP/1.0 is answered in kind, and the connection closes")
  func old() async throws {
    let answer = try await answers("GET /healthz HTTP/1.0\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.0 200 "))
    #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
    #expect(answer.hasSuffix(#"{"status": "ok"}"#))
  }

  @Test("HTTP/1.0 keeps a connection that the client asks to keep")
  func oldKeepAlive() async throws {
    let body = IngestTests.body("")
    let post = """
      POST \(TestGateway.ingestPath) HTTP/1.0\r\nAuthorization: \(TestGateway.good)\r\nConnection: keep-alive\r
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    let answer = try await TestGateway().application.test(.live) { server in
      try await RawConnection.exchange(
        ["GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", post, "GET /healthz HTTP/1.0\r\n\r\n"],
        port: #require(server.port))
    }
    #expect(answer.components(separatedBy: "HTTP/1.0 200 ").count == 3)
    #expect(answer.contains("HTTP/1.0 204 "))
    #expect(answer.lowercased().components(separatedBy: "\r\nconnection: keep-alive\r\n").count == 3)
  }

  @Test("What comes behind a request of HTTP/1.0 before its answer is not done, and the connection ends")
  func oldPipelining() async throws {
    let get = "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    let answer = try await answers(get + get + get)
    #expect(answer.components(separatedBy: "HTTP/1.0 200 ").count == 2)
    #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
  }

  @Test("HTTP/1.0 gets no interim answer and no chunks: what has no length ends with the connection")
  func oldStream() async throws {
    let body = StreamingTests.body
    let answer = try await answers(
      """
      POST \(TestGateway.predictPath) HTTP/1.0\r\nAuthorization: \(TestGateway.good)\r\nConnection: keep-alive\r
      Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
      """, of: TestGateway(predictions: FakePredictionClient(StreamingTests.parts(count: StreamingTests.trajectories))))
    #expect(answer.hasPrefix("HTTP/1.0 200 "))
    #expect(!answer.lowercased().contains("transfer-encoding"))
    #expect(answer.contains("\r\n\r\n{\"request_id\":"))
    #expect(answer.hasSuffix(#"{"timestamp":499,"orders":199.5}]}]}"#))
  }

  @Test("A client that asks for the end of the connection gets it, in any spelling")
  func close() async throws {
    let answer = try await answers("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: CLOSE\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
    #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
  }

  @Test(
    "Bytes that are no request are a 400 in the API's form", arguments: ["hello\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"])
  func garbage(_ text: String) async throws {
    #expect(isLastError(try await answers(text), 400, "Bad Request"))
  }

  static let longSections: [String] = [
    "/healthz HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))\r\n",
    "/healthz HTTP/1.1\r\n" + String(repeating: "X: \(String(repeating: "a", count: 1_000))\r\n", count: 20),
    "/healthz HTTP/1.1\r\n" + String(repeating: "X: a\r\n", count: 100),
  ]

  @Test("A header section that is too long is a 431 in the API's form, with the request's id", arguments: longSections)
  func headerOverflow(_ start: String) async throws {
    let answer = try await answers("GET \(start)X-Request-Id: mine\r\nHost: x\r\n\r\n")
    #expect(isLastError(answer, 431, "Request Header Fields Too Large"), "\(answer)")
    #expect(answer.lowercased().contains("\r\nx-request-id: mine\r\n"))
  }

  @Test("A header section that is far too long is a 431 with an id of its own")
  func endlessHeader() async throws {
    let answer = try await answers(
      "GET / HTTP/1.1\r\nX-Request-Id: mine\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n")
    #expect(isLastError(answer, 431, "Request Header Fields Too Large"), "\(answer)")
  }

  /// A request for a target of that many bytes.
  private static func get(targetOf size: Int) -> String {
    let query = String(repeating: "a", count: size - "/healthz?".count)
    return "GET /healthz?\(query) HTTP/1.1\r\nX-Request-Id: mine\r\nHost: x\r\nConnection: close\r\n\r\n"
  }

  @Test("A target that is too long is a 414, with the request's id", arguments: [(8 << 10) + 1, 20_000, 60_000])
  func longTarget(_ size: Int) async throws {
    let answer = try await answers(Self.get(targetOf: size))
    #expect(isLastError(answer, 414, "URI Too Long"), "\(answer)")
    #expect(answer.lowercased().contains("\r\nx-request-id: mine\r\n"))
  }

  @Test("A target that is far too long is a 414 with an id of its own, also of a later request")
  func endlessTarget() async throws {
    let long = Self.get(targetOf: 100_000)
    #expect(isLastError(try await answers(long), 414, "URI Too Long"))
    let answer = try await TestGateway().application.test(.live) { server in
      try await RawConnection.exchange(
        ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", long], port: #require(server.port))
    }
    #expect(count(200, in: answer) == 1)
    #expect(count(414, in: answer) == 1, "\(answer)")
  }

  @Test("A target that is as long as is taken is taken")
  func longestTarget() async throws {
    let answer = try await answers(Self.get(targetOf: 8 << 10))
    #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
  }

  @Test("A header section that is as long as is taken is taken")
  func longHeader() async throws {
    let fields = "Host: x\r\nConnection: close\r\nX: "
    let size = "/healthz".count + fields.filter { !":\r\n ".contains($0) }.count
    let answer = try await answers(
      "GET /healthz HTTP/1.1\r\n\(fields)\(String(repeating: "a", count: (16 << 10) - size))\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
  }

  @Test("A date is told as RFC 9110 has it, section 5.6.7")
  func date() {
    #expect(CivilTime.httpDate(unixSeconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(CivilTime.httpDate(unixSeconds: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(CivilTime.httpDate(unixSeconds: 1_709_251_199) == "Thu, 29 Feb 2024 23:59:59 GMT")
  }

  @Test(
    "A body that is coded for its transfer, and not only chunked, is a 501",
    arguments: ["gzip, chunked", "x-other,chunked", "identity, Chunked", "gzip\r\nTransfer-Encoding: chunked"])
  func transferCoding(_ codings: String) async throws {
    let gateway = TestGateway()
    let answer = try await answers(
      Self.chunkedIngest("1.1\r\nTransfer-Encoding: \(codings)", IngestTests.body("")), of: gateway)
    #expect(isLastError(answer, 501, "Unsupported transfer coding."), "\(answer)")
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test(
    "A body whose end nobody knows is a 400",
    arguments: [
      "1.1\r\nTransfer-Encoding: gzip", "1.1\r\nTransfer-Encoding: chunked, gzip",
      "1.1\r\nTransfer-Encoding: identity", "1.1\r\nTransfer-Encoding: chunked;a=b",
      "1.1\r\nTransfer-Encoding: chunked, chunked", "1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
      "1.0\r\nTransfer-Encoding: chunked",
    ])
  func faultyFraming(_ head: String) async throws {
    let gateway = TestGateway()
    let answer = try await answers(Self.chunkedIngest(head, IngestTests.body("")), of: gateway)
    #expect(isLastError(answer, 400, "Bad Request"), "\(answer)")
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("A body that is chunked is read, in any spelling", arguments: ["chunked", "Chunked", ", chunked"])
  func chunked(_ coding: String) async throws {
    let answer = try await answers(
      Self.chunkedIngest("1.1\r\nConnection: close\r\nTransfer-Encoding: \(coding)", IngestTests.body("")))
    #expect(answer.hasPrefix("HTTP/1.1 204 "), "\(answer)")
  }

  /// An ingest whose body is one chunk; the head begins with the version's digits.
  private static func chunkedIngest(_ head: String, _ body: String) -> String {
    """
    POST \(TestGateway.ingestPath) HTTP/\(head)\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r\n\r
    \(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n
    """
  }

  @Test(
    "A method that no path takes is a 405 that says which there is, known to HTTP or not, and the connection goes on",
    arguments: ["FOO", "f", "POSTX", "GE", "PLAY", "SOURCE", "M-SEARCH", "QUERY", "post", "\r\nX-Y_z~1"])
  func otherMethod(_ method: String) async throws {
    let gateway = TestGateway()
    let body = IngestTests.body("")
    let request = """
      \(method) \(TestGateway.ingestPath) HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r
      Authorization: \(TestGateway.good)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    let answer = try await gateway.application.test(.live) { server in
      try await RawConnection.exchange(
        [request, "\(method) /nothing HTTP/1.1\r\nHost: x\r\n\r\n", Self.last], port: #require(server.port))
    }
    #expect(answer.hasPrefix("HTTP/1.1 405 "), "\(answer)")
    #expect(answer.contains("Allow: POST\r\n"))
    #expect(answer.lowercased().contains("\r\nx-request-id: mine\r\n"))
    #expect(count(404, in: answer) == 1)
    #expect(count(200, in: answer) == 1)
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test(
    "A request line that is none is a 400, whatever its method",
    arguments: ["FOO /v1/predict", "FOO /v1/predict FTP/1.1", "F(O) / HTTP/1.1", "FOO  / HTTP/1.1", "FOO / HTTP/2.0"])
  func badRequestLine(_ line: String) async throws {
    #expect(isLastError(try await answers(line + "\r\nHost: x\r\n\r\n"), 400, "Bad Request"))
  }

  @Test("A chunk that is none is a 400 in the API's form", arguments: ["zz\r\n", "4\r\n{}{}zz\r\n"])
  func badChunk(_ chunk: String) async throws {
    for path in [TestGateway.ingestPath, TestGateway.predictPath, "/nothing"] {
      let answer = try await answers(
        """
        POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)
        """)
      #expect(isLastError(answer, 400, "Bad Request"), "\(answer)")
    }
  }

  static let upgrades = [
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
    "Connection: upgrade\r\nUpgrade: TLS/1.2", "Upgrade: websocket\r\nConnection: keep-alive, Upgrade ,x",
    "Upgrade: h2c\r\nProxy-Connection: \tUPGRADE", "Upgrade: h2c\r\nConnection: Upgrade\t", "Upgrade: h2c",
    "Connection: Upgrade", "Connection: upgrade\r\nUpgrade:",
  ]
  static let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

  @Test("A request to change the protocol is ignored, and the connection goes on", arguments: upgrades)
  func upgrade(_ fields: String) async throws {
    let body = IngestTests.body("")
    let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n"
    let post = """
      POST \(TestGateway.ingestPath) HTTP/1.1\r\nHost: x\r\n\(fields)\r\nAuthorization: \(TestGateway.good)\r
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    // All at once: no byte of a request that waits behind another is lost.
    let together = try await answers(get + post + get + Self.last)
    #expect(count(200, in: together) == 3)
    #expect(count(204, in: together) == 1)
    try await TestGateway().application.test(.live) { server in
      // The last of them in two pieces, of which the first comes with what is before it.
      let apart = try await RawConnection.exchange(
        [get, post, get + Self.last.prefix(9), String(Self.last.dropFirst(9))], port: #require(server.port))
      #expect(count(200, in: apart) == 3)
      #expect(count(204, in: apart) == 1)
    }
  }

  @Test("A tunnel is refused, and the connection goes on")
  func connect() async throws {
    let answer = try await answers("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n" + Self.last)
    #expect(answer.hasPrefix("HTTP/1.1 404 "))
    #expect(count(200, in: answer) == 1)
  }

  @Test(
    "HTTP/1.1 without exactly one host that can be one is a 400, and so is what has two",
    arguments: [
      "1.1\r\n", "1.1\r\nHost: a\r\nHost: b\r\n", "1.1\r\nHost: a\r\nhost: a\r\n", "1.1\r\nHost: a b\r\n",
      "1.1\r\nHost: a/b\r\n", "1.1\r\nHost: http://a\r\n", "1.1\r\nHost: é\r\n", "1.0\r\nHost: a\r\nHost: b\r\n",
    ])
  func host(_ head: String) async throws {
    let gateway = TestGateway()
    let body = IngestTests.body("")
    let request = """
      POST \(TestGateway.ingestPath) HTTP/\(head)Authorization: \(TestGateway.good)\r
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    let answer = try await answers(request, of: gateway)
    #expect(isLastError(answer, 400, "Exactly one valid Host header is required."), "\(answer)")
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test(
    "A host may be an address, have a port, and be empty", arguments: ["[::1]:8080", "127.0.0.1", "a_b.example", ""])
  func goodHost(_ host: String) async throws {
    let answer = try await answers("GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
  }

  @Test(
    "What is no request is refused after the requests before it have been answered, with the id that it has",
    arguments: ["GET / HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n", "nonsense\r\n\r\n"])
  func laterRefusal(_ text: String) async throws {
    let first = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    let answer = try await answers(first + first + text + Self.last)
    #expect(count(200, in: answer) == 2)
    #expect(count(400, in: answer) == 1)
    #expect(answer.hasSuffix("\"}"))
    #expect(answer.contains("mine") == text.contains("mine"))
  }

  @Test("What follows a request that ends the connection is dropped")
  func afterLast() async throws {
    let gateway = TestGateway()
    let body = IngestTests.body("")
    let post = """
      POST \(TestGateway.ingestPath) HTTP/1.1\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    let answer = try await answers(Self.last.replacing("close", with: "Close") + post, of: gateway)
    #expect(count(200, in: answer) == 1)
    #expect(count(204, in: answer) == 0)
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("A slow reader gets all of a long answer that ends the connection")
  func slowLast() async throws {
    let body = PredictTests.body(count: "1000")
    let gateway = TestGateway(predictions: FakePredictionClient(StreamingTests.parts(count: 1_000)))
    let request = """
      POST \(TestGateway.predictPath) HTTP/1.1\r\nHost: x\r\nAuthorization: \(TestGateway.good)\r\nConnection: close\r
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
    let answer = try await gateway.application.test(.live) { server in
      try await RawConnection.exchange([request], port: #require(server.port), isSlow: true)
    }
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
    #expect(answer.hasSuffix("0\r\n\r\n"))
  }

  @Test("A connection is silent for longer than a load balancer waits, by default, and not for ever")
  func idle() async throws {
    #expect(ServerLimits().idleTimeout > .seconds(60))
    var gateway = TestGateway()
    gateway.limits.idleTimeout = .milliseconds(50)
    #expect(try await answers("", of: gateway).isEmpty)
  }
}
