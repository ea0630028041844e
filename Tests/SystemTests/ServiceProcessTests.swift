import SystemSupport
import TestSupport
import Testing

/// Each executable alone: its settings, and how it refuses what it cannot use.
@Suite struct ServiceProcessTests {
  private static let services = ["token-service", "auth-verifier", "predict-service", "api-gateway"]

  private func run(_ service: String, _ arguments: [String], environment: [String: String?] = [:]) async throws
    -> Command.Output
  {
    try await Command.run("timeout", ["20", Command.buildFolder + "/" + service] + arguments, environment: environment)
  }

  @Test("--help lists every key with its variable and default", arguments: services) func help(service: String)
    async throws
  {
    let output = try await run(service, ["--help"])
    #expect(output.status == 0)
    for key in ["--listen", "TEMPORIS_LISTEN", "--log-level", "TEMPORIS_LOG_LEVEL", "default: info"] {
      #expect(output.standardOutput.contains(key), "\(key)")
    }
  }

  @Test("A bad value is one clear line and exit status 64, from a flag as from the environment", arguments: services)
  func badValue(service: String) async throws {
    let secrets = [
      "TEMPORIS_DATABASE_URL": "postgres://localhost/none",
      "TEMPORIS_TOKEN_PEPPERS": "1:" + String(repeating: "1", count: 64),
    ]
    let fromFlag = try await run(service, ["--listen", "nonsense"], environment: secrets)
    #expect(fromFlag.status == 64)
    #expect(fromFlag.standardError.split(separator: "\n").count == 1, "\(fromFlag.standardError)")
    #expect(fromFlag.standardError.contains("--listen"))
    let fromEnvironment = try await run(
      service, [], environment: secrets.merging(["TEMPORIS_LOG_LEVEL": "loud"]) { $1 })
    #expect(fromEnvironment.status == 64)
    #expect(fromEnvironment.standardError.contains("TEMPORIS_LOG_LEVEL"))
    #expect(try await run(service, ["--no-such-flag"]).status == 64)
  }

  @Test("Parts of an identity, or files that are none, are one clear line and exit status 64", arguments: services)
  func badIdentity(service: String) async throws {
    let folder = try Stack.makeTemporaryFolder()
    let identity = Identity(folder: folder, name: "nobody")
    let secrets = [
      "TEMPORIS_DATABASE_URL": "postgres://localhost/none",
      "TEMPORIS_TOKEN_PEPPERS": "1:" + String(repeating: "1", count: 64),
    ]
    var part = secrets.merging(identity.environment) { $1 }
    for isComplete in [true, false] {
      if !isComplete { part["TEMPORIS_IDENTITY_KEY"] = nil }
      let output = try await run(service, [], environment: part)
      #expect(output.status == 64)
      #expect(output.standardError.split(separator: "\n").count == 1, "\(output.standardError)")
      #expect(output.standardError.contains("identity"), "\(output.standardError)")
    }
  }

  @Test("A missing secret is named, and neither a flag nor an error ever holds one") func secrets() async throws {
    for service in ["token-service", "predict-service"] {
      let output = try await run(
        service, [],
        environment: ["TEMPORIS_DATABASE_URL": nil, "TEMPORIS_TOKEN_PEPPERS": "1:" + String(repeating: "1", count: 64)])
      #expect(output.status == 64)
      #expect(output.standardError.contains("TEMPORIS_DATABASE_URL"))
      let bad = try await run(
        service, [],
        environment: ["TEMPORIS_DATABASE_URL": "postgres://me:hunter2@[bad", "TEMPORIS_TOKEN_PEPPERS": "1:hunter2"])
      #expect(bad.status != 0)
      #expect(!bad.standardError.contains("hunter2"))
    }
  }

  @Test("A service ends a connection that is old enough") func connectionAge() async throws {
    let address = try LoopbackSocket().address
    let process = Task {
      try await run(
        "auth-verifier",
        ["--listen", address, "--max-connection-age", "0.2", "--max-connection-age-grace", "0.2"])
    }
    defer { process.cancel() }
    let port = address.split(separator: ":")[1]
    // A client's preface, its SETTINGS and the acknowledgement of the server's: HTTP/2's handshake. Then it listens.
    let client = """
      exec 3<>/dev/tcp/127.0.0.1/\(port) || exit 2
      printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0\\0\\4\\1\\0\\0\\0\\0' >&3
      cat <&3 > /dev/null
      """
    let status = try await eventually("the service listens") {
      let status = try await Command.run("timeout", ["8", "bash", "-c", client]).status
      return status == 2 ? nil : status
    }
    #expect(status == 0, "the service closed the connection, and before its handshake would have been too slow")
  }

  @Test("A service's admin port serves metrics and its health") func admin() async throws {
    let ready = try await Stack.shared.value.ready()
    _ = try await HTTP(base: ready.gateway).predict(token: ready.token)
    for service in Self.services {
      let address = try #require(ready.admin[service]?.first)
      let http = HTTP(base: "http://" + address)
      #expect(try await http.send("/healthz").status == 200)
      let metrics = try await http.send("/metrics").body
      let counter =
        service == "api-gateway"
        ? #"http_server_requests_total{method="POST",path="/v1/predict",status="200"}"# : "grpc_server_handled_total{"
      #expect(metrics.contains(counter), "\(service)")
      #expect(!metrics.contains(ready.token))
    }
  }
}
