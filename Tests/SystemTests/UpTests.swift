import Foundation
import Subprocess
import Testing

/// `temporis up`: it starts, says what is wrong in one line, restarts what dies, and leaves nothing behind.
@Suite struct UpTests {
  private func up(_ arguments: [String]) async throws -> Command.Output {
    try await Command.run(
      "timeout", ["60", Command.buildFolder + "/temporis", "up"] + arguments)
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

  @Test("Replicas share the work: every one is healthy and the public API works") func replicas() async throws {
    let stack = try await Stack(arguments: ["--replicas", "verifier=3,token=2,predict=2"])
    let ready = try await stack.ready()
    #expect(ready.services["auth-verifier"]?.count == 3)
    #expect(ready.services["token-service"]?.count == 2)
    #expect(ready.services["predict-service"]?.count == 2)
    for _ in 0..<12 {
      #expect(try await HTTP(base: ready.gateway).predict(token: ready.token).status == 200)
    }
    try await stack.stop()
  }

  @Test("The owner's database URL works in psql for the user who ran up, and the gateway answers on it")
  func databaseURL() async throws {
    let ready = try await Stack.shared.value.ready()
    let answer = try await Command.output(
      "sh", ["-c", "psql -qAtX \"$DATABASE\""], environment: ["DATABASE": ready.databaseURL],
      input: "SELECT count(*) > 0 FROM predict.observation")
    #expect(answer == "t\n")
  }
}
