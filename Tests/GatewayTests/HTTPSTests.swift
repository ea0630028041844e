import Foundation
import GRPCCore
import Gateway
import HummingbirdTesting
import SystemSupport
import TemporisAPI
import Testing

/// The gateway with a certificate, as curl sees it.
@Suite(.timeLimit(.minutes(2))) struct HTTPSTests {
  private static let versions = [("--http2", "2"), ("--http1.1", "1.1")]

  /// Runs curl; its last line is `VERSION STATUS`.
  private func curl(_ port: Int, _ path: String, _ arguments: [String], input: String = "") async throws
    -> Command.Output
  {
    try await Command.run(
      "curl",
      [
        "-q", "--silent", "--show-error", "--max-time", "60", "--cacert", try await TestCertificate.shared.value.path,
        "--header", "Authorization: \(TestGateway.good)", "--write-out", "\n%{http_version} %{http_code}",
        "https://localhost:\(port)\(path)",
      ] + arguments, input: input)
  }

  private func gateway(
    _ predictions: FakePredictionClient = FakePredictionClient(), ingest: FakeIngestClient = FakeIngestClient()
  ) async throws -> TestGateway {
    var gateway = TestGateway(ingest: ingest, predictions: predictions)
    gateway.identity = try await TestCertificate.shared.value.identity
    return gateway
  }

  private func serve<R: Sendable>(_ gateway: TestGateway, _ body: @Sendable (Int) async throws -> R) async throws -> R {
    try await gateway.application.test(.live) { server in try await body(#require(server.port)) }
  }

  @Test("The worked example is answered over HTTP/2 and over HTTP/1.1", arguments: versions)
  func workedExample(_ flag: String, _ version: String) async throws {
    let parts =
      [Temporis_Predict_V1_PredictResponse.header(names: ["orders"], timestamps: [1_700_003_600])]
      + (0..<5).map { .trajectory(loss: Double($0), [1.5]) }
    let output = try await serve(gateway(FakePredictionClient(parts))) { port in
      try await curl(
        port, TestGateway.predictPath,
        [
          flag, "-H", "Content-Type: application/json", "-d",
          #"{ "data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9 }"#,
        ])
    }
    #expect(output.status == 0, "\(output.standardError)")
    #expect(output.standardOutput.hasPrefix(#"{"request_id":"0123456789abcdef0123456789abcdef""#))
    #expect(output.standardOutput.hasSuffix("]}\n\(version) 200"))
  }

  @Test("An answer of several MiB arrives whole", arguments: versions)
  func long(_ flag: String, _ version: String) async throws {
    let parts = StreamingTests.parts(count: StreamingTests.trajectories)
    let output = try await serve(gateway(FakePredictionClient(parts))) { port in
      try await curl(port, TestGateway.predictPath, [flag, "-d", StreamingTests.body])
    }
    #expect(output.status == 0, "\(output.standardError)")
    #expect(output.standardOutput.hasSuffix(#"{"timestamp":499,"orders":199.5}]}]}"# + "\n\(version) 200"))
  }

  @Test("A body longer than anybody reads is a 413 all the same", arguments: versions)
  func endless(_ flag: String, _ version: String) async throws {
    let path = try Stack.makeTemporaryFolder() + "/body"
    try Data(count: 80 << 20).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let output = try await serve(gateway()) { port in
      try await curl(port, TestGateway.ingestPath, [flag, "--data-binary", "@" + path])
    }
    #expect(output.standardOutput == #"{"detail": "Request body too large."}"# + "\n\(version) 413")
  }

  @Test("A charged prediction that breaks off is a reset stream or connection, never an answer", arguments: versions)
  func broken(_ flag: String, _ version: String) async throws {
    for count in [0, 190] {
      let predictions = FakePredictionClient(StreamingTests.parts(count: count)) {
        throw RPCError(code: .unavailable, message: "")
      }
      let output = try await serve(gateway(predictions)) { port in
        try await curl(port, TestGateway.predictPath, [flag, "-d", StreamingTests.body])
      }
      #expect(output.status != 0)
      #expect(!output.standardOutput.hasPrefix("{\"detail\""))
    }
  }

  @Test("A client that leaves cancels what it asked for", arguments: versions)
  func leaving(_ flag: String, _ version: String) async throws {
    let began = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Bool.self)
    let ingest = FakeIngestClient {
      began.continuation.yield()
      do {
        try await Task.sleep(for: .seconds(60))
        ended.continuation.yield(false)
      } catch {
        ended.continuation.yield(true)
      }
    }
    let wasCancelled = try await serve(gateway(ingest: ingest)) { port in
      let client = Task {
        try await curl(port, TestGateway.ingestPath, [flag, "-d", IngestTests.body("")])
      }
      _ = await began.stream.first { true }
      client.cancel()
      return await ended.stream.first { _ in true }
    }
    #expect(wasCancelled == true)
  }

  @Test("A stream too many is a 429 that has the request's id and a date")
  func streams() async throws {
    var gateway = try await gateway()
    gateway.limits.streams = 0
    let output = try await serve(gateway) { port in
      try await curl(port, "/healthz", ["--http2", "--include", "--header", "X-Request-Id: mine"])
    }
    let text = output.standardOutput
    #expect(text.contains(#"{"detail": "Too many requests."}"#), "\(output)")
    #expect(text.hasPrefix("HTTP/2 429"))
    #expect(text.contains("\nx-request-id: mine\r\n") && text.contains("\ndate: "))
  }

  @Test("A connection that never begins its handshake is closed")
  func silent() async throws {
    var gateway = try await gateway()
    gateway.limits.handshakeTimeout = .milliseconds(50)
    let answer = try await serve(gateway) { port in try await RawConnection.exchange("", port: port) }
    #expect(answer.isEmpty)
  }
}
