import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import TestSupport
import Testing

/// The public API over fakes.
struct TestGateway: Sendable {
  var ingest = FakeIngestClient()
  var predictions = FakePredictionClient()
  let verifier = FakeVerifier()
  var limits = ServerLimits()
  var identity: TLSIdentity?
  var origin = PublicOrigin(nil, speaksTLS: false)
  var logger = Logger.silent

  static let ingestPath = "/v1/data_sources/ingest"
  static let predictPath = "/v1/predict"
  static let good = "Bearer ts_good"

  var application: Application<PublicResponder> {
    let api = PublicAPI(ingest: ingest, predictions: predictions, verifier: verifier)
    return PublicServer.application(
      routes: api.routes, origin: origin, address: .hostname("127.0.0.1", port: 0), limits: limits, identity: identity,
      logger: logger)
  }

  /// Sends one request past the sockets.
  func send(
    _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], authorization: String? = TestGateway.good,
    body: String? = nil
  ) async throws -> TestResponse {
    try await send(method, path, headers: headers, authorization: authorization, bytes: body.map { Array($0.utf8) })
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], authorization: String? = TestGateway.good,
    bytes: [UInt8]?
  ) async throws -> TestResponse {
    var headers = headers
    if let authorization { headers.append(HTTPField(name: .authorization, value: authorization)) }
    let fields = headers
    return try await application.test(.router) { client in
      try await client.execute(
        uri: path, method: method, headers: fields, body: bytes.map { ByteBuffer(bytes: $0) }
      ) { $0 }
    }
  }

  /// Sends an ingest request.
  func ingest(_ body: String, authorization: String? = TestGateway.good) async throws -> TestResponse {
    try await send(.post, Self.ingestPath, authorization: authorization, body: body)
  }

  /// Sends a prediction request.
  func predict(
    _ body: String = #"{"data_profile": "hourly_orders", "count": 1, "temperature": 1.0, "top_p": 0.9}"#,
    headers: HTTPFields = [:], authorization: String? = TestGateway.good
  ) async throws -> TestResponse {
    try await send(.post, Self.predictPath, headers: headers, authorization: authorization, body: body)
  }
}

extension TestResponse {
  /// The body's text.
  var text: String { String(buffer: body) }

  /// The value of a header.
  func header(_ name: String) throws -> String? {
    headers[try #require(HTTPField.Name(name))]
  }

  /// Whether this is that error, to the byte.
  func isError(_ status: Int, _ detail: String) -> Bool {
    self.status.code == status && text == #"{"detail": "\#(detail)"}"# && headers[.contentType] == "application/json"
      && headers[.contentLength] == String(body.readableBytes)
  }
}
