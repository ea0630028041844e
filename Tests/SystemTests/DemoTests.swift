import Foundation
import SystemSupport
import Testing

/// `temporis demo`: what `temporis up` seeds, on services that run elsewhere.
@Suite struct DemoTests {
  private struct Answer: Decodable {
    let predictions: [Prediction]

    struct Prediction: Decodable {
      let loss: Double
    }
  }

  private let folder: String
  private let email = "demo-\(UInt64.random(in: 0 ... .max))@example.com"
  private var example: String { folder + "/example.sh" }

  init() throws {
    folder = try Stack.makeTemporaryFolder()
    try setPassword("correct horse battery staple")
  }

  private func setPassword(_ password: String) throws {
    try Data((password + "\n").utf8).write(to: URL(filePath: folder + "/password"))
  }

  private func demo(_ arguments: String...) async throws -> Command.Output {
    let stack = try await Stack.shared.value
    let ready = try await stack.ready()
    let addresses = [
      "TEMPORIS_TOKEN_SERVICE": ready.services["token-service"]?.joined(separator: ","),
      "TEMPORIS_PREDICT_SERVICE": ready.services["predict-service"]?.joined(separator: ","),
    ]
    return try await Command.run(
      Command.buildFolder + "/temporis",
      ["demo", "--gateway", ready.gateway, "--email", email, "--password-file", folder + "/password"] + arguments,
      environment: addresses.merging(stack.identity(of: "client").environment) { $1 })
  }

  private func run(_ script: String) async throws -> Answer {
    try JSONDecoder().decode(Answer.self, from: Data(try await Command.output("sh", ["-c", script]).utf8))
  }

  @Test("The example that it writes is for its owner alone, runs as it is, and is the same after another run")
  func output() async throws {
    let first = try await demo("--output", example)
    #expect(first.status == 0, "\(first.standardError)")
    let script = try String(contentsOfFile: example, encoding: .utf8)
    let token = try #require(script.firstMatch(of: /ts_[0-9A-Za-z]+/)).output
    #expect(!first.standardOutput.contains(token))
    let attributes = try FileManager.default.attributesOfItem(atPath: example)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try await run(script).predictions.count == 5)

    #expect(try await demo("--output", example).status == 0)
    #expect(try String(contentsOfFile: example, encoding: .utf8) == script)
  }

  @Test("A token that was deleted is replaced, and the one before never works again") func replaced() async throws {
    _ = try await demo("--output", example)
    let script = try String(contentsOfFile: example, encoding: .utf8)
    let printed = try await demo()
    #expect(printed.status == 0, "\(printed.standardError)")
    #expect(try await run(printed.standardOutput).predictions.count == 5)
    let old = try await Command.output("sh", ["-c", script])
    #expect(old == #"{"detail": "Invalid access token."}"#)
    #expect(try await demo("--output", example).status == 0)
    #expect(try await run(String(contentsOfFile: example, encoding: .utf8)).predictions.count == 5)
  }

  @Test("Another password is refused in one line that holds neither") func wrongPassword() async throws {
    _ = try await demo("--output", example)
    try setPassword("hunter2 hunter2 hunter2")
    let refused = try await demo("--output", example)
    #expect(refused.status == 1)
    #expect(refused.standardError.contains(email))
    #expect(refused.standardError.split(separator: "\n").count == 1, "\(refused.standardError)")
    #expect(!refused.standardError.contains("hunter2"))
  }

  @Test("An address that is none is a usage error") func badAddress() async throws {
    let output = try await Command.run(Command.buildFolder + "/temporis", ["demo", "--token-service", "nowhere"])
    #expect(output.status == 64)
    #expect(output.standardError.contains("--token-service"))
  }
}
