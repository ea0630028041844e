import GRPCCore
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServiceKit
import TemporisAPI
import Testing

@Suite struct StreamingTests {
  static let trajectories = 200
  static let steps = 500

  static func parts(count: Int) -> [Temporis_Predict_V1_PredictResponse] {
    [.header(names: ["orders"], timestamps: (0..<steps).map { Int64($0) }, modelTokens: 7, nanoDollars: 140)]
      + (0..<count).map { .trajectory(loss: Double($0), Array(repeating: Double($0) + 0.5, count: steps)) }
  }

  static let body = PredictTests.body(count: String(trajectories))

  @Test("An answer of several MiB arrives whole over a real connection, and the connection lives on")
  func long() async throws {
    let gateway = TestGateway(predictions: FakePredictionClient(Self.parts(count: Self.trajectories)))
    try await gateway.application.test(.live) { client in
      for _ in 0..<2 {
        let answer = try await Self.send(client)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentLength] == nil)
        #expect(try answer.header("Temporis-Cost-Nano-Dollars") == "140")
        #expect(answer.body.readableBytes > 2 << 20)
        #expect(answer.text.hasPrefix(#"{"request_id":"0123"#))
        #expect(answer.text.hasSuffix(#"{"timestamp":499,"orders":199.5}]}]}"#))
      }
    }
  }

  @Test(
    "A charged prediction that breaks off is a broken connection, never an answer",
    arguments: [0, 1, 190, trajectories])
  func broken(_ count: Int) async throws {
    let gateway = TestGateway(
      predictions: FakePredictionClient(Self.parts(count: count)) { throw RPCError(code: .unavailable, message: "") })
    _ = try await gateway.application.test(.live) { client in
      await #expect(throws: (any Error).self) { try await Self.send(client) }
    }
  }

  static let inconsistencies: [(String, [Temporis_Predict_V1_PredictResponse])] = [
    ("a trajectory too few", parts(count: 199)),
    ("a trajectory too many", parts(count: 201)),
    ("a loss that JSON does not have", parts(count: 199) + [.trajectory(loss: .nan, constants(1))]),
    ("a value that JSON does not have", parts(count: 199) + [.trajectory(loss: 1, constants(.infinity))]),
    ("a value too few", parts(count: 199) + [.trajectory(loss: 1, constants(1).dropLast())]),
    ("a second header", parts(count: 1) + parts(count: 199)),
    ("an unknown part", parts(count: 200) + [Temporis_Predict_V1_PredictResponse()]),
  ]

  @Test("A charged prediction that cannot be is a broken connection too", arguments: inconsistencies)
  func inconsistent(_ name: String, _ parts: [Temporis_Predict_V1_PredictResponse]) async throws {
    let gateway = TestGateway(predictions: FakePredictionClient(parts))
    _ = try await gateway.application.test(.live) { client in
      await #expect(throws: (any Error).self, "\(name)") { try await Self.send(client) }
    }
  }

  private static func constants(_ value: Double) -> [Double] {
    Array(repeating: value, count: steps)
  }

  @Test("Errors leave the connection usable, an over-long body's too")
  func reuse() async throws {
    let gateway = TestGateway()
    try await gateway.application.test(.live) { client in
      for body in ["nonsense", String(repeating: " ", count: 20 << 20), "{}"] {
        let answer = try await client.execute(
          uri: TestGateway.ingestPath, method: .post, headers: [.authorization: TestGateway.good],
          body: ByteBuffer(string: body)
        ) { $0 }
        #expect([400, 413].contains(answer.status.code))
      }
      let answer = try await client.execute(uri: "/healthz", method: .get) { $0 }
      #expect(answer.status == .ok)
    }
  }

  private static func send(_ client: any TestClientProtocol) async throws -> TestResponse {
    try await client.execute(
      uri: TestGateway.predictPath, method: .post, headers: [.authorization: TestGateway.good],
      body: ByteBuffer(string: body)
    ) { $0 }
  }
}
