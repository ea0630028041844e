import Foundation
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
    answer.hasPrefix("HTTP/1.1 \(status) ") && answer.lowercased().contains("\r\nconnection: close\r\n")
      && answer.contains("application/json") && answer.hasSuffix("\r\n\r\n{\"detail\": \"\(detail)\"}")
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
    let answer = try await answers(
      "GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n")
    #expect(answer.components(separatedBy: "HTTP/1.0 200 ").count == 3)
    #expect(answer.lowercased().contains("\r\nconnection: keep-alive\r\n"))
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

  @Test("A header that is too long is a 431 in the API's form")
  func headerOverflow() async throws {
    let answer = try await answers(
      "GET /healthz HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n")
    #expect(isLastError(answer, 431, "Request Header Fields Too Large"))
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
}
