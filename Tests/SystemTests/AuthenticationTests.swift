import Foundation
import SystemSupport
import Testing

/// The contract's Authentication page, through the real gateway.
@Suite struct AuthenticationTests {
  private static let missing = #"{"detail": "Missing access token."}"#
  private static let invalid = #"{"detail": "Invalid access token."}"#
  private static let realm = #"Bearer realm="temporis""#
  private static let paths = ["/v1/predict", "/v1/data_sources/ingest"]

  @Test(
    "A header that is missing or malformed is the first 401, before the body is looked at",
    arguments: paths,
    [
      [], ["Authorization:"], ["Authorization: Bearer"], ["Authorization: Basic dXNlcjpwYXNz"],
      ["Authorization: Bearer one two"], ["Authorization: Bearer to,ken"], ["Authorization: Bearer \"quoted\""],
      ["Authorization: Bearer abc", "Authorization: Bearer abc"], ["Authorization: Bearerabc"],
    ])
  func missingToken(path: String, headers: [String]) async throws {
    let http = HTTP(base: try await Stack.shared.value.ready().gateway)
    for body in [HTTP.prediction(), "not json"] {
      let answer = try await http.send(path, headers: headers, body: body)
      #expect(answer.status == 401)
      #expect(answer.body == Self.missing)
      #expect(answer["www-authenticate"] == Self.realm)
      #expect(answer["content-type"] == "application/json")
    }
  }

  @Test("A token that is unknown, of another shape or with wrong check digits is the second 401", arguments: paths)
  func invalidToken(path: String) async throws {
    let stack = try await Stack.shared.value
    let ready = try await stack.ready()
    let token = ready.token
    let wrongDigits = token.dropLast() + (token.hasSuffix("0") ? "1" : "0")
    let unknown = "ts_0000000000000000000000000000000000000000000" + "000000"
    // Longer than what a call between the services may carry.
    let long = String(repeating: "a", count: 16_000)
    for credential in ["abc", "abc==", String(wrongDigits), unknown, "ts_", token + "0", ready.session, long] {
      for body in [HTTP.prediction(), "not json"] {
        let answer = try await HTTP(base: ready.gateway).send(
          path, headers: ["Authorization: Bearer \(credential)"], body: body)
        #expect(answer.status == 401)
        #expect(answer.body == Self.invalid)
        #expect(answer["www-authenticate"] == Self.realm + #", error="invalid_token""#)
      }
    }
  }

  @Test("The scheme is matched without regard to case, with one or more spaces before the token")
  func schemeCase() async throws {
    let ready = try await Stack.shared.value.ready()
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR  "] {
      let answer = try await HTTP(base: ready.gateway).send(
        "/v1/predict", headers: ["authorization: \(scheme) \(ready.token)"], body: HTTP.prediction(count: 1))
      #expect(answer.status == 200)
    }
  }

  @Test("The request after a token's deletion is the 401 with the exact body") func deletion() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken()
    #expect(try await customer.http.predict(token: token.token).status == 200)
    try await customer.temporis("token", "delete", token.id)
    let answer = try await customer.http.predict(token: token.token)
    #expect(answer.status == 401)
    #expect(answer.body == Self.invalid)
    #expect(try await customer.usage().predictions == 1)
  }

  @Test("The database holds neither a token nor a session, in full or as its plain hash, nor a key") func secrets()
    async throws
  {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    let ready = try await customer.stack.ready()
    let dump = try await Command.output(
      "sh", ["-c", "pg_dump --inserts \"$DATABASE\""], environment: ready.database)
    #expect(dump.contains("temporis_token"))
    let keys = try customer.stack.keys()
    for secret in [token, customer.session, ready.token, ready.session, ready.password] + keys {
      #expect(!dump.contains(secret))
      let hash = try await Command.output("sha256sum", [], input: secret).prefix(64)
      #expect(!dump.contains(hash))
    }
  }

  @Test("No log holds a token, a session, a password or a key") func logs() async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    _ = try await customer.http.predict(token: token)
    let ready = try await customer.stack.ready()
    let folder = customer.stack.dataFolder + "/logs"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!files.isEmpty)
    let keys = try customer.stack.keys()
    for file in files {
      let log = String(decoding: FileManager.default.contents(atPath: folder + "/" + file) ?? Data(), as: UTF8.self)
      for secret in [token, customer.session, ready.token, ready.session, ready.password] + keys {
        #expect(!log.contains(secret), "\(file)")
      }
    }
  }
}
