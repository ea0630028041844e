import GRPCNghttp2Transport
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TemporisAPI
import Testing

/// Bodies that are coded on their way (RFC 9110, section 8.4).
@Suite struct ContentCodingTests {
  private static let body = IngestTests.body(#"{"timestamp": 1, "name": "orders", "value": 5}"#)

  /// Deflate data that holds the text as it is (RFC 1951, section 3.2.4).
  private static func stored(_ text: String) -> [UInt8] {
    let length = UInt16(text.utf8.count)
    let header = [length, ~length].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    return [1] + header + Array(text.utf8)
  }

  /// The same in zlib's format (RFC 1950).
  private static func zlib(_ text: String) -> [UInt8] {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in text.utf8 {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let checksum = high << 16 | low
    return [0x78, 0x01] + stored(text) + [24, 16, 8, 0].map { UInt8(checksum >> UInt32($0) & 0xFF) }
  }

  private static func gzip(_ text: String) throws -> [UInt8] {
    try Gzip.compress(Array(text.utf8))
  }

  private func ingest(
    _ bytes: [UInt8], _ coding: String, of gateway: TestGateway = TestGateway(),
    authorization: String? = TestGateway.good
  ) async throws -> TestResponse {
    try await gateway.send(
      .post, TestGateway.ingestPath, headers: [.contentEncoding: coding], authorization: authorization, bytes: bytes)
  }

  @Test("gzip and deflate are decoded, in any spelling of their names and in the forms that clients send")
  func decoded() async throws {
    let half = Self.body.index(Self.body.startIndex, offsetBy: 20)
    let members = try Self.gzip(String(Self.body[..<half])) + Self.gzip(String(Self.body[half...]))
    let bodies = [
      ("gzip", try Self.gzip(Self.body)), ("x-gzip", try Self.gzip(Self.body)), (" GZip ", try Self.gzip(Self.body)),
      ("gzip", members), ("deflate", Self.zlib(Self.body)), ("deflate", Self.stored(Self.body)),
      ("identity", Array(Self.body.utf8)), ("", Array(Self.body.utf8)),
    ]
    for (coding, bytes) in bodies {
      let gateway = TestGateway()
      #expect(try await ingest(bytes, coding, of: gateway).status == .noContent, "\(coding)")
      #expect(gateway.ingest.calls.first?.records.map(\.value) == [5], "\(coding)")
    }
  }

  @Test("A prediction's body may be coded too")
  func prediction() async throws {
    let gateway = TestGateway()
    let body = try Self.gzip(PredictTests.body())
    _ = try await gateway.send(.post, TestGateway.predictPath, headers: [.contentEncoding: "gzip"], bytes: body)
    #expect(gateway.predictions.calls.first?.request.count == 5)
  }

  @Test("A decoded body is held to the same limit as any other", arguments: [0, 1])
  func limit(_ excess: Int) async throws {
    for (path, limit, body) in [
      (TestGateway.ingestPath, 16 << 20, IngestTests.body("")), (TestGateway.predictPath, 1 << 20, PredictTests.body()),
    ] {
      let text = body + String(repeating: " ", count: limit - body.utf8.count + excess)
      let bytes = try Self.gzip(text)
      #expect(bytes.count < 64 << 10)
      let answer = try await TestGateway().send(.post, path, headers: [.contentEncoding: "gzip"], bytes: bytes)
      #expect(answer.isError(413, "Request body too large.") == (excess > 0))
    }
  }

  @Test("A body that is not of its coding is a 400 in the words of its endpoint")
  func malformed() async throws {
    let good = try Self.gzip(Self.body)
    let bodies: [[UInt8]] = [[], Array(Self.body.utf8), Array(good.dropLast()), good + [0], Array(good.prefix(5))]
    for bytes in bodies {
      #expect(try await ingest(bytes, "gzip").isError(400, "Request body must be gzip, as Content-Encoding says"))
      let answer = try await TestGateway().send(
        .post, TestGateway.predictPath, headers: [.contentEncoding: "deflate"], bytes: bytes)
      #expect(answer.isError(400, "Invalid prediction parameters."))
    }
  }

  @Test(
    "Any other coding is a 415 that says which there are, after the 401s",
    arguments: ["br", "zstd", "compress", "gzip, gzip", "gzip;q=1", "*"])
  func unsupported(_ coding: String) async throws {
    for path in [TestGateway.ingestPath, TestGateway.predictPath] {
      let gateway = TestGateway()
      let answer = try await gateway.send(.post, path, headers: [.contentEncoding: coding], body: "x")
      #expect(answer.isError(415, "Unsupported content coding."))
      #expect(answer.headers[.acceptEncoding] == "gzip, deflate")
      let unknown = try await gateway.send(
        .post, path, headers: [.contentEncoding: coding], authorization: "Bearer ts_unknown", body: "x")
      #expect(unknown.isError(401, "Invalid access token."))
    }
    #expect(try await ingest([], coding, authorization: nil).isError(401, "Missing access token."))
  }

  @Test("A 401 comes before whatever is wrong with a coded body", arguments: ["gzip", "deflate"])
  func unauthorized(_ coding: String) async throws {
    let answer = try await ingest([1, 2, 3], coding, authorization: "Bearer ts_unknown")
    #expect(answer.isError(401, "Invalid access token."))
  }

  @Test("Coded bodies wait for room like long ones, and each is answered")
  func memory() async throws {
    var gateway = TestGateway()
    gateway.limits.bodyMemory = 100_000
    let bytes = try Self.gzip(Self.body + String(repeating: " ", count: 90_000))
    // Not compressible, and so a long body before it is decoded too.
    let noise = try Self.gzip(#"{"data_source": "s", "records": [], "x": "\#(String(randomHexDigits: 160_000))"}"#)
    #expect(noise.count > 64 << 10)
    try await gateway.application.test(.router) { server in
      try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
        for index in 0..<20 {
          group.addTask {
            try await server.execute(
              uri: TestGateway.ingestPath, method: .post,
              headers: [.authorization: TestGateway.good, .contentEncoding: "gzip"],
              body: ByteBuffer(bytes: index.isMultiple(of: 2) ? bytes : noise)
            ) { $0.status }
          }
        }
        for try await status in group { #expect(status == .noContent) }
      }
    }
    #expect(gateway.ingest.calls.count == 20)
  }
}

extension String {
  fileprivate init(randomHexDigits count: Int) {
    self = String((0..<count).map { _ in "0123456789abcdef".randomElement() ?? "0" })
  }
}
