import Foundation
import SystemSupport
import TestSupport
import Testing

/// What an operator learns from the logs alone, at the level that they have by default.
@Suite struct CauseTests {
  /// An executable whose log can be read while it runs; it ends with this process, however that ends.
  private struct Service {
    let address: String
    private let log: String
    private let process: Task<Command.Output, any Error>

    init(_ name: String, _ environment: [String: String]) throws {
      let (address, log) = (try LoopbackSocket().address, try Stack.makeTemporaryFolder() + "/log")
      self.address = address
      self.log = log
      let settings = environment.merging(["TEMPORIS_LISTEN": address]) { $1 }
      process = Task {
        try await Command.run(
          "bash",
          [
            "-c", #"log=$1; shift; exec setpriv --pdeathsig TERM "$@" 2> "$log""#, "bash", log,
            Command.buildFolder + "/" + name,
          ], environment: settings)
      }
    }

    func stop() { process.cancel() }

    /// The lines so far that hold a text.
    func lines(holding text: String) throws -> [String] {
      let text = text.lowercased()
      return String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        .split(separator: "\n").map(String.init).filter { $0.lowercased().contains(text) }
    }

    /// Waits for a line that says why.
    func expectCause(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
      for text in texts {
        _ = try await eventually("the log says '\(text)': \(try lines(holding: " "))") {
          try lines(holding: text).first
        }
      }
    }
  }

  private static let peppers = ["TEMPORIS_TOKEN_PEPPERS": "1:" + String(repeating: "1", count: 64)]

  /// A verifier that finds something at an address.
  private func verifier(
    at address: String, as identity: Identity? = nil
  ) throws -> Service {
    let environment = identity?.environment ?? [:]
    return try Service("auth-verifier", environment.merging(["TEMPORIS_TOKEN_SERVICE": address]) { $1 })
  }

  @Test("A service that is not there is named, with the reason, once a second at most") func deadAddress()
    async throws
  {
    let verifier = try verifier(at: "127.0.0.1:1")
    defer { verifier.stop() }
    try await verifier.expectCause("Can't take calls", "127.0.0.1:1: connection refused")
    let gateway = try Service("api-gateway", ["TEMPORIS_AUTH_VERIFIER": verifier.address])
    defer { gateway.stop() }
    let http = HTTP(base: "http://" + gateway.address)
    let token = try await Stack.shared.value.ready().token
    try await eventually("the gateway is up") { (try? await http.send("/healthz").status) == 200 ? () : nil }
    let start = ContinuousClock.now
    for _ in 0..<20 {
      #expect(try await http.predict("nonsense", token: token).status == 502)
    }
    let seconds = Int((ContinuousClock.now - start) / .seconds(1)) + 1
    for (service, text, cause) in [
      (gateway, "A request failed", "Authentication is not available"),
      (verifier, "A call failed", "is not registered with the token-service"),
    ] {
      let lines = try service.lines(holding: text)
      #expect(!lines.isEmpty && lines.count <= seconds, "\(lines)")
      #expect(lines.allSatisfy { $0.contains(cause) }, "\(lines)")
    }
    // What the gateway waited for in vain has said why, before the gateway's own time was over.
    let reason = "is not registered with the token-service"
    #expect(try gateway.lines(holding: "A request failed").contains { $0.contains(reason) })
    #expect(try verifier.lines(holding: "Can't take calls").count == 1)
  }

  @Test("A port where something else listens is told") func wrongPort() async throws {
    let ready = try await Stack.shared.value.ready()
    let admin = try #require(ready.admin["token-service"]?.first)
    let verifier = try verifier(at: admin)
    defer { verifier.stop() }
    try await verifier.expectCause("Can't take calls", "can't connect to \(admin): ")
  }

  @Test("A service that shows another's certificate is told") func anothersCertificate() async throws {
    let stack = try await Stack.shared.value
    let ready = try await stack.ready()
    let other = try #require(ready.services["predict-service"]?.first)
    let verifier = try verifier(at: other, as: stack.identity(of: "auth-verifier"))
    defer { verifier.stop() }
    try await verifier.expectCause("Can't take calls", "spiffe://temporis.internal/predict-service")
  }

  @Test(
    "A process whose own certificate is over says so at its start",
    arguments: ["token-service", "auth-verifier", "predict-service", "api-gateway"])
  func ownCertificate(service: String) async throws {
    let folder = try Stack.makeTemporaryFolder()
    _ = try await Command.output(ComposeFile.folder + "/secrets.sh", [folder])
    let identity = Identity(folder: folder, prefix: "identity-", name: service)
    try await Self.expire(identity, of: service, in: folder)
    let database = ["TEMPORIS_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]
    let output = try await Command.run(
      "timeout", ["20", Command.buildFolder + "/" + service],
      environment: database.merging(Self.peppers) { $1 }.merging(identity.environment) { $1 })
    #expect(output.status == 64)
    #expect(output.standardError.split(separator: "\n").count == 1, "\(output.standardError)")
    #expect(output.standardError.contains("a certificate that has expired"), "\(output.standardError)")
  }

  /// Replaces a certificate by one that was valid for a second, of an authority that is trusted besides.
  private static func expire(_ identity: Identity, of service: String, in folder: String) async throws {
    let ca = (key: folder + "/old.key", certificate: folder + "/old.pem")
    let extensions = folder + "/extensions"
    try "subjectAltName=URI:spiffe://temporis.internal/\(service)\nextendedKeyUsage=serverAuth,clientAuth\n"
      .write(toFile: extensions, atomically: true, encoding: .utf8)
    _ = try await Command.output(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
        "/CN=old", "-keyout", ca.key, "-out", ca.certificate,
      ])
    let request = try await Command.output("openssl", ["req", "-new", "-key", identity.key, "-subj", "/"])
    let certificate = try await Command.output(
      "openssl",
      [
        "x509", "-req", "-CA", ca.certificate, "-CAkey", ca.key, "-CAcreateserial", "-days", "0", "-extfile",
        extensions,
      ], input: request)
    try certificate.write(toFile: identity.certificate, atomically: true, encoding: .utf8)
    let authorities = try String(contentsOfFile: identity.authorities, encoding: .utf8)
    try (authorities + String(contentsOfFile: ca.certificate, encoding: .utf8))
      .write(toFile: identity.authorities, atomically: true, encoding: .utf8)
    try await eventually("the certificate is over") {
      let check = try await Command.run("openssl", ["x509", "-noout", "-checkend", "0"], input: certificate)
      return check.status == 1 ? () : nil
    }
  }

  @Test("A database that refuses the password, or has no connection left, is told", arguments: ["token", "predict"])
  func database(service: String) async throws {
    let cluster = try await TestCluster(settings: ["log_statement": "none"])
    _ = try await cluster.sql("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    let full = try Service(
      "\(service)-service",
      Self.peppers.merging(["TEMPORIS_DATABASE_URL": cluster.url(user: "crowded")]) { $1 })
    defer { full.stop() }
    try await full.expectCause("Can't take calls", "the server has too many connections")

    let ready = try await Stack.shared.value.ready()
    var url = try #require(URLComponents(string: ready.databaseURL))
    url.user = "nobody"
    url.password = "hunter2"
    let refused = try Service(
      "\(service)-service",
      Self.peppers.merging(["TEMPORIS_DATABASE_URL": try #require(url.string)]) { $1 })
    defer { refused.stop() }
    try await refused.expectCause("Can't take calls", "authentication failed")
    #expect(try refused.lines(holding: "hunter2").isEmpty)
    #expect(try refused.lines(holding: "Can't take calls").count == 1)
    try await cluster.stop()
  }

  @Test("A full queue is told, once a second at most") func fullQueue() async throws {
    let stack = try await Stack(environment: ["TEMPORIS_ENGINE_CONCURRENCY": "1", "TEMPORIS_ENGINE_QUEUE": "0"])
    let ready = try await stack.ready()
    let http = HTTP(base: ready.gateway)
    let start = ContinuousClock.now
    // As often as it takes until two come to the engine at a time.
    try await eventually("a prediction is refused") {
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<24 {
          group.addTask { try await http.predict(HTTP.prediction(count: 1_000), token: ready.token).status }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(statuses.isSubset(of: [200, 429]))
      return statuses.contains(429) ? () : nil
    }
    let log = stack.dataFolder + "/logs/predict-service-1.log"
    let lines = try await eventually("the log says ENGINE_BUSY") {
      let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
      let lines = text.split(separator: "\n").filter { $0.contains("ENGINE_BUSY") }
      return lines.isEmpty ? nil : lines
    }
    #expect(lines.count <= Int((ContinuousClock.now - start) / .seconds(1)) + 1, "\(lines)")
    try await stack.stop()
  }

  @Test("A request's id is its own if it is well-formed, is in the answer, and is in the log of every process")
  func requestIDs() async throws {
    let stack = try await Stack(environment: ["TEMPORIS_LOG_LEVEL": "debug"])
    let ready = try await stack.ready()
    let http = HTTP(base: ready.gateway)
    let id = "order-\(UInt32.random(in: 0 ... .max)).x_1"
    let answer = try await http.predict(
      HTTP.prediction(count: 1), token: ready.token, headers: ["X-Request-Id: \(id)"])
    #expect(answer.status == 200 && answer["x-request-id"] == id)
    for service in ["token-service", "auth-verifier", "predict-service", "api-gateway"] {
      let log = stack.dataFolder + "/logs/\(service)-1.log"
      _ = try await eventually("\(log) has the id") {
        let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        return text.contains("request_id=\(id)") ? () : nil
      }
    }
    for header in ["X-Request-Id: two words", "X-Request-Id: " + String(repeating: "a", count: 129), "X-Other: 1"] {
      let made = try #require(try await http.send("/healthz", headers: [header])["x-request-id"])
      #expect(made.count == 32 && made.allSatisfy(\.isHexDigit))
    }
    #expect(try await http.send("/dashboard/sign-in")["x-request-id"]?.count == 32)
    #expect(try await http.send("/no-such-path")["x-request-id"]?.count == 32)
    try await stack.stop()
  }
}
