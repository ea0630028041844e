import Foundation
import Subprocess
import SystemPackage

/// A program that runs to its end.
package struct Command: Sendable {
  package struct Output: Sendable {
    package let status: Int32
    package let standardOutput: String
    package let standardError: String
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
      self.description = description
    }
  }

  /// The most that a program may print.
  private static let outputLimit = 64 << 20

  /// The folder of the executables under test: the one that holds this test bundle.
  package static let buildFolder: String = {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return ((bundle ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
  }()

  /// Runs a program, found by its path or on PATH, and waits for its end.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String?] = [:], input: String = "",
    in folder: String? = nil
  ) async throws -> Output {
    var overrides: [Environment.Key: String?] = [:]
    for (name, value) in environment {
      if let key = Environment.Key(rawValue: name) { overrides.updateValue(value, forKey: key) }
    }
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
      environment: .inherit.updating(overrides), workingDirectory: folder.map { FilePath($0) },
      input: .string(input), output: .string(limit: outputLimit), error: .string(limit: outputLimit))
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): Int32(code)
      case .signaled(let signal): 128 + Int32(signal)
      }
    return Output(
      status: status, standardOutput: result.standardOutput, standardError: result.standardError)
  }

  /// Runs a program that must succeed, and returns what it printed.
  package static func output(
    _ program: String, _ arguments: [String], environment: [String: String?] = [:], input: String = "",
    in folder: String? = nil
  ) async throws -> String {
    let output = try await run(program, arguments, environment: environment, input: input, in: folder)
    guard output.status == 0 else {
      throw Failure(description: "\(program) ended with \(output.status): \(output.standardError)")
    }
    return output.standardOutput
  }
}
