import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOEmbedded
import TemporisAPI
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

  @Test("A client that leaves cancels what it asked for", arguments: [TestGateway.ingestPath, TestGateway.predictPath])
  func leaving(_ path: String) async throws {
    let work = Work()
    let gateway = TestGateway(
      ingest: FakeIngestClient { try await work.run() }, predictions: FakePredictionClient { try await work.run() })
    let isIngest = path == TestGateway.ingestPath
    let body = isIngest ? IngestTests.body("") : PredictTests.body()
    let wasCancelled = try await gateway.application.test(.live) { server in
      let port = try #require(server.port)
      let client = TestClient(host: "localhost", port: port, configuration: .init())
      client.connect()
      async let answer = client.execute(
        TestClient.Request(
          path, method: .post, authority: "localhost", headers: [.authorization: TestGateway.good],
          body: ByteBuffer(string: body)))
      _ = await work.began.stream.first { true }
      try await client.shutdown()
      _ = try? await answer
      return await work.ended.stream.first { _ in true }
    }
    #expect(wasCancelled == true)
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
        channel: channel, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    return try await gateway.application.responder.respond(
      to: Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body))), context: context)
  }
}
