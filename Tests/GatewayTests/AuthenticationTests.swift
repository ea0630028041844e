import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite struct AuthenticationTests {
  static let malformed: [String?] = [
    nil, "", " ", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "ts_good", "Bearer ts_good ts_good", "Bearer ts_good,",
    "Bearer ts_good, Bearer ts_good", "Bearer \"ts_good\"", "Bearer\tts_good", "Bearerts_good", "Bearer =ts_good",
    "Bearer ts_göod", "Token ts_good", "Bearer ts_good x",
  ]

  @Test("A header that is missing or cannot hold a token is the first 401", arguments: malformed)
  func missing(_ header: String?) async throws {
    let gateway = TestGateway()
    for path in [TestGateway.ingestPath, TestGateway.predictPath] {
      let answer = try await gateway.send(.post, path, authorization: header, body: "not json")
      #expect(answer.isError(401, "Missing access token."))
      #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="temporis""#)
    }
    #expect(gateway.verifier.asked.isEmpty)
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("Two headers are malformed, even if both are good")
  func twoHeaders() async throws {
    let gateway = TestGateway()
    var headers = HTTPFields()
    headers.append(HTTPField(name: .authorization, value: TestGateway.good))
    let answer = try await gateway.send(.post, TestGateway.ingestPath, headers: headers, body: "{}")
    #expect(answer.isError(401, "Missing access token."))
  }

  @Test(
    "A token that does not work is the second 401, whatever is wrong with the request",
    arguments: [
      "Bearer ts_unknown", "bearer abc", "BEARER   ts_x", "Bearer tss_session", "Bearer ts_session",
      "Bearer " + String(repeating: "a", count: 16_000),
    ],
    // Repeated: an argument is printed whole.
    [("not json", 1), ("{}", 1), (" ", 17 << 20)])
  func invalid(_ header: String, _ part: (text: String, count: Int)) async throws {
    let gateway = TestGateway()
    let body = String(repeating: part.text, count: part.count)
    for path in [TestGateway.ingestPath, TestGateway.predictPath] {
      let answer = try await gateway.send(.post, path, authorization: header, body: body)
      #expect(answer.isError(401, "Invalid access token."))
      #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="temporis", error="invalid_token""#)
    }
  }

  @Test("A dashboard session is refused without asking anybody, good request or not")
  func session() async throws {
    let gateway = TestGateway()
    let answer = try await gateway.predict(authorization: "Bearer tss_abc")
    #expect(answer.isError(401, "Invalid access token."))
    #expect(gateway.predictions.calls.isEmpty)
    #expect(gateway.verifier.asked.isEmpty)
  }

  @Test("A token without the permission hears so before it hears what is wrong with the request")
  func permission() async throws {
    let gateway = TestGateway()
    let answer = try await gateway.predict("nonsense", authorization: "Bearer ts_ingest")
    #expect(answer.isError(403, "This access token lacks the required permission."))
    #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="temporis", error="insufficient_scope""#)
    #expect(try await gateway.ingest("nonsense", authorization: "Bearer ts_ingest").status.code == 400)
  }

  @Test("A verifier that is down is a 502 and never a 401")
  func verifierDown() async throws {
    let gateway = TestGateway()
    gateway.verifier.breakDown()
    #expect(try await gateway.ingest("nonsense").isError(502, "Ingest failed."))
    #expect(try await gateway.predict("nonsense").isError(502, "Prediction failed."))
  }

  @Test("A good request goes straight to its service, with the caller's token, whatever stood around that")
  func forwarded() async throws {
    let gateway = TestGateway()
    for header in ["bEaReR   ts_good", "Bearer" + String(repeating: " ", count: 16_000) + "ts_good"] {
      _ = try await gateway.ingest(#"{"data_source": "s", "records": []}"#, authorization: header)
    }
    #expect(gateway.ingest.calls.map(\.authorization) == [TestGateway.good, TestGateway.good])
    #expect(gateway.verifier.asked.isEmpty)
  }
}
