import GRPCCore
import InMemoryLogging
import Logging
import ServiceKit
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import VerifierServer

@Suite struct ExternalAuthorizationTests {
  private typealias Response = Envoy_Service_Auth_V3_CheckResponse

  private func check(
    _ fixture: VerifierFixture, _ authorization: String?, permission: String? = nil, address: String = "192.0.2.1",
    logger: Logger = .silent
  ) async throws -> Response {
    var request = Envoy_Service_Auth_V3_CheckRequest()
    request.attributes.source.address.socketAddress.address = address
    request.attributes.request.http.headers = ["host": "api.example.com"]
    request.attributes.request.http.headers["authorization"] = authorization
    request.attributes.contextExtensions["permission"] = permission
    return try await ExternalAuthorizationHandler(verifier: fixture.verifier, logger: logger)
      .check(request: request, context: .test)
  }

  private func headers(_ headers: [Envoy_Service_Auth_V3_HeaderValueOption]) -> [String: String] {
    #expect(headers.allSatisfy { $0.appendAction == .overwriteIfExistsOrAdd })
    return Dictionary(headers.map { ($0.header.key, $0.header.value) }) { "\($0)|\($1)" }
  }

  @Test(
    "A request with a token that works goes on, and is told for whom it acts, whatever the client sent by that name")
  func allowed() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create("tok_1", account: "acct_1", permissions: [.predict])
    for permission in [nil, "predict"] {
      let response = try await check(fixture, "Bearer \(secret.revealed)", permission: permission)
      #expect(response.status.code == 0)
      #expect(
        headers(response.okResponse.headers) == [
          "x-temporis-account-id": "acct_1", "x-temporis-credential-id": "tok_1",
        ])
      guard case .okResponse = response.httpResponse else {
        Issue.record("it does not go on")
        continue
      }
    }
  }

  @Test("A refusal is worded as the public API words it")
  func denied() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create(permissions: [.predict])
    let stopped = fixture.create("tok_2", state: .stopped)
    let session = fixture.create("ses_1", kind: .dashboardSession, permissions: [.ingest, .predict])
    let missing = (
      401, 16, #"{"detail": "Missing access token."}"#, #"Bearer realm="temporis""#
    )
    let invalid = (
      401, 16, #"{"detail": "Invalid access token."}"#, #"Bearer realm="temporis", error="invalid_token""#
    )
    let forbidden = (
      403, 7, #"{"detail": "This access token lacks the required permission."}"#,
      #"Bearer realm="temporis", error="insufficient_scope""#
    )
    let cases: [(String?, String?, (Int, Int, String, String))] = [
      (nil, nil, missing), ("", "ingest", missing), ("Basic abc", nil, missing),
      ("Bearer \(secret.revealed),Bearer \(secret.revealed)", nil, missing),
      ("Bearer abc", nil, invalid), ("Bearer \(Secret(kind: .accessToken).revealed)", "predict", invalid),
      ("Bearer \(stopped.revealed)", nil, invalid), ("Bearer \(session.revealed)", "predict", invalid),
      ("Bearer \(secret.revealed)", "ingest", forbidden),
    ]
    for (authorization, permission, (status, code, body, challenge)) in cases {
      let response = try await check(fixture, authorization, permission: permission)
      #expect(response.status.code == Int32(code))
      #expect(response.deniedResponse.status.code == Int32(status))
      #expect(response.deniedResponse.body == body)
      #expect(
        headers(response.deniedResponse.headers) == [
          "content-type": "application/json", "www-authenticate": challenge,
        ])
    }
  }

  @Test("A client that has tried too many tokens is told to wait, by its own address, which the log names")
  func rateLimit() async throws {
    let fixture = VerifierFixture(attempts: 1)
    let log = InMemoryLogHandler()
    let logger = Logger(label: "test") { _ in log }
    #expect(try await check(fixture, "Bearer \(Secret(kind: .accessToken).revealed)").deniedResponse.status.code == 401)
    let response = try await check(fixture, "Bearer \(Secret(kind: .accessToken).revealed)", logger: logger)
    #expect(log.entries.map { $0.metadata["client"]?.description } == ["192.0.2.1"])
    #expect(response.deniedResponse.status.code == 429)
    #expect(response.deniedResponse.body == #"{"detail": "Too many requests."}"#)
    #expect(
      headers(response.deniedResponse.headers)["retry-after"].flatMap(Int.init).map { (1...60).contains($0) } == true)
    let other = try await check(fixture, "Bearer \(Secret(kind: .accessToken).revealed)", address: "192.0.2.2")
    #expect(other.deniedResponse.status.code == 401)
  }

  @Test("A fault is an error and no answer, and so is a permission that there is not")
  func faults() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.fault = RPCError(code: .notFound, message: "")
    let fault = await #expect(throws: ServiceError.self) { try await check(fixture, "Bearer \(secret.revealed)") }
    #expect(fault?.rpcErrorCode == .unavailable)
    for permission in ["", "Ingest", "admin"] {
      let error = await #expect(throws: ServiceError.self) { try await check(fixture, nil, permission: permission) }
      #expect(error?.reason == .invalidArgument)
    }
  }
}
