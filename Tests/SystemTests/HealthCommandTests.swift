import Foundation
import SystemSupport
import TestSupport
import Testing

/// `SERVICE health`: what a container's health check asks.
@Suite struct HealthCommandTests {
  private func health(
    _ service: String, _ arguments: [String] = [], environment: [String: String?] = [:]
  ) async throws -> Command.Output {
    try await Command.run(
      "timeout", ["20", Command.buildFolder + "/" + service, "health"] + arguments, environment: environment)
  }

  /// Runs a service until the task is cancelled; it ends with this process, however that ends.
  private func start(_ service: String, _ environment: [String: String]) -> Task<Command.Output, any Error> {
    Task {
      try await Command.run(
        "setpriv", ["--pdeathsig", "TERM", Command.buildFolder + "/" + service], environment: environment)
    }
  }

  @Test(
    "A process that can take calls is status 0, by its flag and by its variable",
    arguments: ["token-service", "auth-verifier", "predict-service", "api-gateway"])
  func serving(service: String) async throws {
    let stack = try await Stack.shared.value
    let ready = try await stack.ready()
    let address = try #require(
      ready.services[service]?.first ?? ready.gateway.split(separator: "/").last.map(String.init))
    let identity = stack.identity(of: service)
    #expect(try await health(service, ["--listen", address], environment: identity.environment).status == 0)
    let flags = [
      "--identity-certificate", identity.certificate, "--identity-key", identity.key, "--identity-ca",
      identity.authorities,
    ]
    let everyAddress = address.replacing("127.0.0.1", with: "0.0.0.0")
    #expect(try await health(service, flags, environment: ["TEMPORIS_LISTEN": everyAddress]).status == 0)
  }

  @Test("A process with an identity is not asked without one, nor by another's, nor taken for another")
  func identities()
    async throws
  {
    let stack = try await Stack.shared.value
    let address = try #require(try await stack.ready().services["token-service"]?.first)
    #expect(try await health("token-service", ["--listen", address]).status == 1)
    let verifier = stack.identity(of: "auth-verifier").environment
    #expect(try await health("token-service", ["--listen", address], environment: verifier).status == 64)
    #expect(try await health("auth-verifier", ["--listen", address], environment: verifier).status == 1)
  }

  @Test(
    "No process, and one that never answers, are status 1 and one line that names the address",
    arguments: ["token-service", "api-gateway"])
  func silent(service: String) async throws {
    let socket = try LoopbackSocket()
    for isListening in [false, true] {
      if isListening { try socket.listen() }
      let output = try await health(service, ["--listen", socket.address])
      #expect(output.status == 1)
      #expect(output.standardError.contains(socket.address))
      #expect(output.standardError.split(separator: "\n").count == 1, "\(output.standardError)")
    }
  }

  @Test("A process that is up and cannot take calls is status 1") func notServing() async throws {
    let (address, adminAddress) = (try LoopbackSocket().address, try LoopbackSocket().address)
    // There is no such database: the process serves its health and nothing else.
    let process = start(
      "token-service",
      [
        "TEMPORIS_LISTEN": address, "TEMPORIS_ADMIN_LISTEN": adminAddress,
        "TEMPORIS_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "TEMPORIS_TOKEN_PEPPERS": "1:" + String(repeating: "1", count: 64),
      ])
    defer { process.cancel() }
    let admin = HTTP(base: "http://" + adminAddress)
    try await eventually("the process is up") { (try? await admin.send("/healthz").status) == 503 ? () : nil }
    #expect(try await health("token-service", ["--listen", address]).status == 1)
    // The admin port answers as the gateway does: an answer that is not 200 is no health.
    #expect(try await health("api-gateway", ["--listen", adminAddress]).status == 1)
  }

  @Test("A gateway that speaks HTTPS is asked over it") func tls() async throws {
    let folder = try Stack.makeTemporaryFolder()
    let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
    _ = try await Command.output(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
        "/CN=gateway.example", "-keyout", key, "-out", certificate,
      ])
    let address = try LoopbackSocket().address
    let environment = [
      "TEMPORIS_LISTEN": address, "TEMPORIS_TLS_CERTIFICATE": certificate, "TEMPORIS_TLS_KEY": key,
    ]
    let process = start("api-gateway", environment)
    defer { process.cancel() }
    try await eventually("the gateway is healthy") {
      try await health("api-gateway", environment: environment).status == 0 ? () : nil
    }
    let flags = ["--listen", address, "--tls-certificate", certificate, "--tls-key", key]
    #expect(try await health("api-gateway", flags).status == 0)
    #expect(try await health("api-gateway", ["--listen", address]).status == 1, "plain HTTP is not answered")
  }

  @Test("A bad address is status 64") func badAddress() async throws {
    #expect(try await health("api-gateway", ["--listen", "nonsense"]).status == 64)
  }
}
