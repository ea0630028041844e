import Foundation
import SystemSupport

/// Python with stubs that were generated from Protos, as Protos/README.md shows it.
struct PythonStubs: Sendable {
  private static let made = Task { try await PythonStubs() }

  /// A Python that has grpc and protobuf.
  let interpreter: String
  /// The folder of the stubs.
  let folder: String

  static func shared() async throws -> PythonStubs { try await made.value }

  private init() async throws {
    interpreter = try await Self.findInterpreter()
    let parent = try Stack.makeTemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: parent + "/Protos", withDestinationPath: Readme.root + "/Protos")
    let script = try Readme.block("sh", holding: "--grpc_python_out", in: "Protos/README.md")
    _ = try await Command.output("sh", ["-ec", script], in: parent)
    folder = parent + "/stubs"
  }

  /// Runs one of the tests' programs and returns what it printed.
  func run(_ program: String, _ arguments: [String]) async throws -> String {
    try await Command.output(
      interpreter, [Readme.root + "/Tests/ContractTests/Python/" + program] + arguments, environment: environment())
  }

  /// Runs a text as a program and returns what it printed.
  func run(text: String, environment more: [String: String?]) async throws -> String {
    try await Command.output(interpreter, ["-c", text], environment: environment().merging(more) { $1 })
  }

  private func environment() -> [String: String?] {
    ["PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"]
  }

  /// Debian's packages are for Debian's Python, which need not be the first on PATH.
  private static func findInterpreter() async throws -> String {
    for candidate in ["python3", "/usr/bin/python3"] {
      let answer = try? await Command.run(candidate, ["-c", "import grpc, google.protobuf"])
      if answer?.status == 0 { return candidate }
    }
    throw Command.Failure(
      description: "No python3 has grpc and protobuf: apt-get install python3-grpcio python3-protobuf")
  }
}
