import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOEmbedded
import TemporisAPI
import TestSupport
import Testing

@Suite struct DisconnectTests {
  /// Says when work began, and when it was cancelled.
  private final class Work: Sendable {
    let began = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Bool.self)

    /// Runs until it is cancelled, or for a minute.
    func run() async throws {
      began.continuation.yield()
      do {
        try await Task.sleep(for: .seconds(60))
        ended.continuation.yield(false)
      } catch {
        ended.continuation.yield(true)
        throw error
      }
    }
  }

  /// A whole request as a client writes it.
  private static func request(_ path: String, _ fields: String = "") -> String {
    let body = path == TestGateway.ingestPath ? IngestTests.body("") : PredictTests.body(count: "1")
    return """
      POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(TestGateway.good)\r\n\(fields)\
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """
  }

  @Test("A client that leaves cancels what it asked for", arguments: [TestGateway.ingestPath, TestGateway.predictPath])
  func leaving(_ path: String) async throws {
    let work = Work()
    let gateway = TestGateway(
      ingest: FakeIngestClient { try await work.run() }, predictions: FakePredictionClient { try await work.run() })
    let wasCancelled = try await gateway.application.test(.live) { server in
      try await RawConnection.reset(Self.request(path), port: #require(server.port)) {
        _ = await work.began.stream.first { true }
      }
      return await work.ended.stream.first { _ in true }
    }
    #expect(wasCancelled == true)
  }

  @Test(
    "A client that ends its side after its request waits for its answer, and gets it",
    arguments: [TestGateway.ingestPath, TestGateway.predictPath], ["", "Connection: close\r\n"])
  func halfClosing(_ path: String, _ fields: String) async throws {
    let gate = AsyncStream.makeStream(of: Void.self)
    let waiting: @Sendable () async throws -> Void = {
      _ = await gate.stream.first { true }
      try Task.checkCancellation()
    }
    let parts: [Temporis_Predict_V1_PredictResponse] = [
      .header(names: ["orders"], timestamps: [60]), .trajectory(loss: 1, [2]),
    ]
    let gateway = TestGateway(
      ingest: FakeIngestClient(then: waiting), predictions: FakePredictionClient(parts, then: waiting))
    let answer = try await gateway.application.test(.live) { server in
      let port = try #require(server.port)
      return try await RawConnection.exchange([Self.request(path, fields)], port: port, halfClosing: true) {
        // Once each event loop has served two more connections, one of them has seen the end of this one's side.
        for _ in 0..<2 * System.coreCount { _ = try await RawConnection.exchange(HTTP1Tests.last, port: port) }
        gate.continuation.finish()
      }
    }
    #expect(answer.hasPrefix(path == TestGateway.ingestPath ? "HTTP/1.1 204 " : "HTTP/1.1 200 "), "\(answer)")
  }

  @Test(
    "What a client asked for that left while its body was read is cancelled too",
    arguments: [TestGateway.ingestPath, TestGateway.predictPath])
  func left(_ path: String) async throws {
    let work = Work()
    let gateway = TestGateway(
      ingest: FakeIngestClient { try await work.run() }, predictions: FakePredictionClient { try await work.run() })
    let channel = NIOAsyncTestingChannel()
    try await channel.close()
    let body = path == TestGateway.ingestPath ? IngestTests.body("") : PredictTests.body()
    async let answer = respond(gateway, path, body, on: channel)
    #expect(await work.ended.stream.first { _ in true } == true)
    _ = try? await answer
  }

  @Test("A long body is not parsed for a client that has left")
  func unparsed() async throws {
    let gateway = TestGateway()
    let channel = NIOAsyncTestingChannel()
    try await channel.close()
    let body = IngestTests.body("") + String(repeating: " ", count: 100_000)
    await #expect(throws: ChannelError.ioOnClosedChannel) {
      try await respond(gateway, TestGateway.ingestPath, body, on: channel)
    }
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("A prediction that the gateway must give up is a refusal before its charge, and none after")
  func givenUp() async throws {
    for parts in [[], [Temporis_Predict_V1_PredictResponse.header(names: ["orders"], timestamps: [60])]] {
      let work = Work()
      let gateway = TestGateway(predictions: FakePredictionClient(parts) { try await work.run() })
      let answer = Task {
        try await respond(gateway, TestGateway.predictPath, PredictTests.body(), on: NIOAsyncTestingChannel())
      }
      _ = await work.began.stream.first { true }
      answer.cancel()
      if parts.isEmpty {
        #expect(try await answer.value.status == .badGateway)
      } else {
        await #expect(throws: CancellationError.self) { try await answer.value }
      }
      #expect(await work.ended.stream.first { _ in true } == true)
    }
  }

  /// The answer to a request on this channel.
  private func respond(
    _ gateway: TestGateway, _ path: String, _ body: String, on channel: NIOAsyncTestingChannel
  ) async throws -> Response {
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "localhost", path: path,
      headerFields: [.authorization: TestGateway.good])
    let context = APIContext(
      source: ApplicationRequestContextSource(
        channel: channel, logger: .silent))
    return try await gateway.application.responder.respond(
      to: Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body))), context: context)
  }
}
