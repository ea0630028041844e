import Foundation
import Subprocess

/// Python's grpcio, with stubs made from the protos.
struct Python: Sendable {
  /// A Python that has grpc and protobuf.
  private let interpreter: String
  /// The folder of the stubs.
  private let stubs: String

  private static let package = #filePath.components(separatedBy: "/Sources/interop/")[0]

  /// Makes the stubs for the time of `body`.
  static func with<Result>(_ body: (Python) async throws -> Result) async throws -> Result {
    let stubs = FileManager.default.temporaryDirectory.path + "/interop-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: stubs, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: stubs) }
    let script = """
      cd '\(self.package)/Protos'
      protoc -I . --python_out='\(stubs)' --grpc_python_out='\(stubs)' \
        --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" grpc/testing/*.proto
      """
    let made = try await Subprocess.run(
      .name("sh"), arguments: ["-ec", script], output: .discarded, error: .string(limit: 1 << 16))
    guard made.terminationStatus.isSuccess else {
      throw CaseFailure("protoc made no stubs for Python: \(made.standardError)")
    }
    return try await body(Python(interpreter: self.findInterpreter(), stubs: stubs))
  }

  /// Runs a server for the time of `body`. It ends when its input does, so also when this process is killed.
  func withServer(_ program: String, _ body: (_ port: Int) async throws -> Void) async throws {
    let result = try await Subprocess.run(
      .name("env"), arguments: self.arguments(program), environment: self.environment,
      input: .inputWriter, output: .sequence, error: .string(limit: 1 << 16)
    ) { execution in
      var lines = execution.standardOutput.strings().makeAsyncIterator()
      guard let port = try await lines.next().flatMap({ Int($0) }) else { return false }
      do {
        try await body(port)
      } catch {
        try? await execution.standardInputWriter.finish()
        throw error
      }
      try await execution.standardInputWriter.finish()
      return true
    }
    guard result.closureResult, result.terminationStatus.isSuccess else {
      throw CaseFailure("\(program) ended with \(result.terminationStatus): \(result.standardError)")
    }
  }

  /// Runs the cases and tells what is wrong with them; nothing for one that passed.
  func runClient(
    _ program: String, _ ports: [InteropCase: Int], lacking: Set<Capability>
  ) async throws -> [InteropCase: CaseFailure] {
    let result = try await Subprocess.run(
      .name("env"),
      arguments: self.arguments(
        program,
        [lacking.map(\.rawValue).sorted().joined(separator: ",")] + ports.map { "\($0.key.rawValue)=\($0.value)" }),
      environment: self.environment, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    var outcomes: [Substring: Substring] = [:]
    for line in result.standardOutput.split(separator: "\n") {
      guard let tab = line.firstIndex(of: "\t") else { continue }
      outcomes[line[..<tab]] = line[line.index(after: tab)...]
    }
    return ports.keys.reduce(into: [:]) { failures, testCase in
      let outcome = outcomes[testCase.rawValue[...]] ?? "no answer: \(result.standardError.suffix(2_000))"
      guard outcome != "passed" else { return }
      failures[testCase] = CaseFailure(String(outcome))
    }
  }

  private func arguments(_ program: String, _ more: [String] = []) -> Arguments {
    Arguments([self.interpreter, Self.package + "/Python/" + program] + more)
  }

  private var environment: Environment {
    .inherit.updating(["PYTHONPATH": self.stubs, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"])
  }

  /// Debian's packages are for Debian's Python, which need not be the first on PATH.
  private static func findInterpreter() async throws -> String {
    for candidate in ["python3", "/usr/bin/python3"] {
      let answer = try? await Subprocess.run(
        .name("env"), arguments: [candidate, "-c", "import grpc, google.protobuf"], output: .discarded)
      if answer?.terminationStatus.isSuccess == true { return candidate }
    }
    throw CaseFailure("no python3 has grpc and protobuf: apt-get install python3-grpcio python3-protobuf")
  }
}
