import Foundation
import Subprocess
import SystemSupport
import TestSupport
import Testing

/// `temporis up`: it starts, says what is wrong in one line, restarts what dies, and leaves nothing behind.
@Suite struct UpTests {
  /// Options of setpriv(1) that make a process another user's.
  private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]

  private func up(_ arguments: [String], environment: [String: String?] = [:]) async throws -> Command.Output {
    try await Command.run(
      "timeout", ["60", Command.buildFolder + "/temporis", "up"] + arguments, environment: environment)
  }

  private func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  private func isOneLine(_ output: Command.Output) -> Bool {
    output.standardError.split(separator: "\n").count == 1
  }

  @Test("A gateway port in use, a folder that is not ours and a second start are each one clear line") func refusals()
    async throws
  {
    let stack = try await Stack.shared.value
    let port = try #require(try await stack.ready().gateway.split(separator: ":").last)
    let fresh = try Stack.makeTemporaryFolder()
    let portInUse = try await up(["--data-dir", fresh, "--gateway-port", String(port)])
    #expect(portInUse.status == 1)
    #expect(portInUse.standardError.contains(port))
    #expect(isOneLine(portInUse), "\(portInUse.standardError)")

    let foreign = try Stack.makeTemporaryFolder()
    try Data("mine".utf8).write(to: URL(filePath: foreign + "/notes.txt"))
    let refused = try await up(["--data-dir", foreign, "--gateway-port", "0"])
    #expect(refused.status == 1)
    #expect(refused.standardError.contains(foreign))
    #expect(isOneLine(refused), "\(refused.standardError)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: foreign) == ["notes.txt"])

    let second = try await up(["--data-dir", stack.dataFolder, "--gateway-port", "0"])
    #expect(second.status == 1)
    #expect(isOneLine(second), "\(second.standardError)")
    #expect(FileManager.default.fileExists(atPath: stack.readyPath), "the running stack is unharmed")
  }

  @Test(
    "A setting that cannot be used is told before anything starts",
    arguments: [
      (["--public-url", "https://api.example.com/dashboard"], [:], "--public-url must be"),
      (["--trusted-proxies", "10.0.0.1/8"], [:], "--trusted-proxies must be"),
      ([], ["TEMPORIS_PUBLIC_URL": "api.example.com"], "TEMPORIS_PUBLIC_URL must be"),
      (["--replicas", "verifier=17"], [:], "verifier must run 1 to 16 times, not '17'"),
    ] as [([String], [String: String], String)])
  func badSetting(arguments: [String], environment: [String: String], reason: String) async throws {
    let folder = try Stack.makeTemporaryFolder()
    let refused = try await up(
      ["--data-dir", folder, "--gateway-port", "0"] + arguments, environment: environment.mapValues { $0 })
    #expect(refused.status == 64)
    #expect(refused.standardError.contains(reason), "\(refused.standardError)")
    #expect(refused.standardOutput.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test("A stop takes every process and ready.json with it; the next start has the rows and a new token") func restart()
    async throws
  {
    let stack = try await Stack()
    let ready = try await stack.ready()
    let attributes = try FileManager.default.attributesOfItem(atPath: stack.readyPath)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    #expect(try await stack.stop() == .exited(0))
    #expect(!FileManager.default.fileExists(atPath: stack.readyPath))
    #expect(ready.pids.values.joined().allSatisfy { !isAlive($0) })

    let again = try await Stack(dataFolder: stack.dataFolder)
    let http = HTTP(base: try await again.ready().gateway)
    #expect(try await http.predict(token: token).status == 200)
    #expect(try await http.predict(token: ready.token).status == 401)
    #expect(try await http.predict(token: again.ready().token).status == 200)
    try await again.stop()
  }

  @Test("Processes die with up even under kill -9, and the next start recovers") func killed() async throws {
    let stack = try await Stack()
    let ready = try await stack.ready()
    try await stack.stop(with: SIGKILL)
    try await eventually("every process is gone") {
      ready.pids.values.joined().allSatisfy { !isAlive($0) } ? () : nil
    }
    let again = try await Stack(dataFolder: stack.dataFolder)
    let http = HTTP(base: try await again.ready().gateway)
    #expect(try await http.predict(token: again.ready().token).status == 200)
    #expect(try await http.predict(token: ready.token).status == 401)
    try await again.stop()
  }

  @Test("Replicas share the work: every one takes calls, and the public API works") func replicas() async throws {
    // The strictest of umasks, besides: the database's other user must get through all the same.
    let stack = try await Stack(
      arguments: ["--replicas", "verifier=3,token=2,predict=2"],
      wrapper: ["sh", "-c", #"umask 077; exec "$@""#, "sh"])
    let ready = try await stack.ready()
    #expect(ready.services["auth-verifier"]?.count == 3)
    #expect(ready.services["token-service"]?.count == 2)
    #expect(ready.services["predict-service"]?.count == 2)
    for _ in 0..<12 {
      #expect(try await HTTP(base: ready.gateway).predict(token: ready.token).status == 200)
    }
    for (service, method) in [("predict-service", "PredictionService/Predict"), ("auth-verifier", "Verify")] {
      for address in try #require(ready.admin[service]) {
        let metrics = try await HTTP(base: "http://\(address)").send("/metrics").body
        let calls = try Regex("\(method)\",code=\"[^\"]+\"\\} [1-9]")
        #expect(metrics.contains(calls), "\(service) at \(address) takes its share")
      }
    }
    try await stack.stop()
  }

  @Test("The owner's database URL works in psql for the user who ran up, and the gateway answers on it")
  func databaseURL() async throws {
    let ready = try await Stack.shared.value.ready()
    #expect(try await ready.sql("SELECT count(*) > 0 FROM predict.record") == ["t"])
  }

  @Test("A PostgreSQL of the user's serves one data folder again and again, and keeps another off its roles")
  func ownDatabase() async throws {
    let cluster = try await TestCluster()
    let url = try await cluster.makeDatabase()
    let rules = cluster.socketDirectory + "/data/pg_hba.conf"
    try "local all postgres trust\nlocal all all scram-sha-256\n".write(
      toFile: rules, atomically: false, encoding: .utf8)
    try await cluster.sql("SELECT pg_reload_conf()")
    let environment = ["TEMPORIS_DATABASE_URL": url]
    let folder = try Stack.makeTemporaryFolder()
    for _ in 0..<2 {
      let stack = try await Stack(dataFolder: folder, environment: environment)
      let ready = try await stack.ready()
      #expect(ready.databaseURL == url)
      #expect(ready.pids["postgres"] == nil)
      #expect(try await HTTP(base: ready.gateway).predict(token: ready.token).status == 200)
      try await stack.stop()
    }
    let refused = try await up(
      ["--data-dir", Stack.makeTemporaryFolder(), "--gateway-port", "0"], environment: environment)
    #expect(refused.status == 1)
    #expect(refused.standardError.contains("ALTER ROLE temporis_predict NOLOGIN"))
    #expect(isOneLine(refused), "\(refused.standardError)")
    try await cluster.stop()
  }

  @Test("With a certificate the gateway speaks HTTPS") func https() async throws {
    let folder = try Stack.makeTemporaryFolder()
    let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
    _ = try await Command.output(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key,
      ])
    let stack = try await Stack(arguments: ["--tls-certificate", certificate, "--tls-key", key])
    let ready = try await stack.ready()
    #expect(ready.gateway.hasPrefix("https://127.0.0.1:"))
    let answer = try await HTTP(base: ready.gateway).send(
      "/v1/predict", headers: ["Authorization: Bearer \(ready.token)"], body: HTTP.prediction(),
      arguments: ["--cacert", certificate])
    #expect(answer.status == 200)
    try await stack.stop()
  }

  @Test(
    "An ordinary user runs it as well as root does",
    .enabled("By root, where every user may run what was built") {
      guard geteuid() == 0 else { return false }
      return try await Command.run("setpriv", nobody + [Command.buildFolder + "/temporis", "--help"]).status == 0
    })
  func ordinaryUser() async throws {
    let folder = try Stack.makeTemporaryFolder()
    #expect(chown(folder, 65_534, 65_534) == 0)
    let stack = try await Stack(dataFolder: folder, wrapper: Self.nobody)
    let ready = try await stack.ready()
    #expect(try await HTTP(base: ready.gateway).predict(token: ready.token).status == 200)
    #expect(try await ready.sql("SELECT current_user") == ["temporis"])
    #expect(try await stack.stop() == .exited(0))
  }
}
