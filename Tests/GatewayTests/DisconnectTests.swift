import HTTPTypes
import HummingbirdTesting
import NIOCore
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
}
