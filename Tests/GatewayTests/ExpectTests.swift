import Hummingbird
import HummingbirdTesting
import Testing

/// Clients that wait to be told to send their body (RFC 9110, section 10.1.1).
@Suite(.timeLimit(.minutes(1))) struct ExpectTests {
  private static let body = IngestTests.body("")

  /// The head of a request whose body is waiting.
  private static func head(
    _ path: String = TestGateway.ingestPath, method: String = "POST", authorization: String = TestGateway.good,
    length: Int = body.utf8.count, fields: String = ""
  ) -> String {
    """
    \(method) \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: \(authorization)\r\nContent-Length: \(length)\r
    Expect: 100-Continue\r\n\(fields)\r\n
    """
  }

  private func exchange(_ texts: String..., of gateway: TestGateway = TestGateway()) async throws -> String {
    try await gateway.application.test(.live) { server in
      let port = try #require(server.port)
      return try await RawConnection.exchange(texts, port: port)
    }
  }

  static let refusals: [(String, Int, String)] = [
    (head(authorization: "Bearer ts_unknown"), 401, "Invalid access token."),
    (head(authorization: "Basic x"), 401, "Missing access token."),
    (
      head(TestGateway.predictPath, authorization: "Bearer ts_ingest"), 403,
      "This access token lacks the required permission."
    ),
    (head(length: (16 << 20) + 1), 413, "Request body too large."),
    (head(TestGateway.predictPath, length: (1 << 20) + 1), 413, "Request body too large."),
    (head(authorization: "Bearer ts_unknown", length: 1 << 40), 401, "Invalid access token."),
    (head(fields: "Content-Encoding: br\r\n"), 415, "Unsupported content coding."),
    (head("/nothing"), 404, "Not Found"),
    (head(method: "PUT"), 405, "Method Not Allowed"),
  ]

  @Test("A request that its head refuses is answered at once, and not told to go on", arguments: refusals)
  func refusal(_ head: String, _ status: Int, _ detail: String) async throws {
    let gateway = TestGateway()
    let answer = try await exchange(head, of: gateway)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
    #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n{\"detail\": \"\(detail)\"}"))
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("A request that may be taken is told to go on, and the connection lives on")
  func goingOn() async throws {
    let gateway = TestGateway()
    let answer = try await exchange(Self.head(), Self.body, HTTP1Tests.last, of: gateway)
    #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 "), "\(answer)")
    #expect(answer.contains("HTTP/1.1 200 "))
    #expect(gateway.ingest.calls.count == 1)
    #expect(gateway.verifier.asked.count == 1)
  }

  @Test(
    "An expectation may be named more than once, and beside others",
    arguments: ["Expect: 100-continue\r\n", "Expect: other\r\n", "Expect: a=b, 100-continue\r\nExpect:\r\n"])
  func list(_ fields: String) async throws {
    let answer = try await exchange(Self.head(fields: fields), Self.body, HTTP1Tests.last)
    #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 "), "\(answer)")
  }

  @Test("A page that does not exist is not told to go on, and the connection ends")
  func missingPage() async throws {
    let answer = try await TestDashboard.with { dashboard in
      try await dashboard.exchange(Self.head("/dashboard/nothing"))
    }
    #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(answer)")
    #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
  }

  @Test("A client that sends its body without waiting is answered too")
  func impatient() async throws {
    let answer = try await exchange(Self.head(fields: "Connection: close\r\n") + Self.body)
    #expect(answer.contains("HTTP/1.1 204 "))
    let refused = try await exchange(Self.head(authorization: "Bearer ts_unknown") + Self.body)
    #expect(refused.hasPrefix("HTTP/1.1 401 "))
  }
}
