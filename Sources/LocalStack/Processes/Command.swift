import Foundation
import Subprocess

/// A program with its arguments and environment. Secrets go through the environment or standard input, never through
/// arguments, which every user of the machine can read.
package struct Command: Sendable {
  /// What a program finds in its environment.
  package enum Environment: Sendable {
    /// Our own environment, with these changes.
    case inherited([String: String])
    /// `PATH`, `HOME` and these.
    case only([String: String])
  }

  /// The program, by path or by name, then its arguments.
  package var words: [String]

  /// What it finds in its environment.
  package var environment = Environment.inherited([:])

  /// The environment that it inherits from: ours.
  package var parent = ProcessInfo.processInfo.environment

  /// Creates a command that inherits our environment.
  package init(_ words: [String]) {
    self.words = words
  }

  /// Runs the program to its end.
  ///
  /// - Parameter input: What it reads from standard input.
  /// - Returns: What it wrote to standard output, at most 1 MiB.
  /// - Throws: `LocalStackError` when it cannot be started, or ends with another status than 0; with the line of its
  ///   output that says why.
  @discardableResult
  package func run(input: String = "") async throws -> String {
    let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
    do {
      let words = wrapped(deathSignal: "KILL")
      result = try await Subprocess.run(
        .name(words[0]), arguments: Arguments(Array(words.dropFirst())), environment: variables,
        input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    } catch let error as SubprocessError {
      throw Self.startFailure(error)
    }
    guard case .exited(0) = result.terminationStatus else {
      let reason = Self.reason(error: result.standardError, output: result.standardOutput)
      throw LocalStackError(.startFailed, "\(name) failed: \(reason?.prefix(300) ?? "no reason given")")
    }
    return result.standardOutput
  }

  /// The line that says why a program failed: the one that is called an error, else the last one.
  private static func reason(error: String, output: String) -> Substring? {
    let lines = error.split(separator: "\n")
    return lines.first { $0.contains("FATAL:") || $0.contains("error:") } ?? lines.last { !$0.trimmedEmpty }
      ?? output.split(separator: "\n").last { !$0.trimmedEmpty }
  }

  /// The program's own name, without the wrappers in front of it.
  var name: String {
    let program = words.lastIndex(of: "--").map { words.index(after: $0) } ?? 0
    let path = words.indices.contains(program) ? words[program] : words.first ?? ""
    return (path as NSString).lastPathComponent
  }

  /// The command behind `setpriv`, which asks the kernel for a signal at our end (PR_SET_PDEATHSIG): nothing outlives
  /// us.
  ///
  /// The signal comes when the *thread* ends that started the process. That is the library's one worker thread, which
  /// ends with our process. Whoever changes the user must ask last, since the kernel forgets the wish then: hence it
  /// goes into a `setpriv` that the command itself has. The first word is always a name to look for in `PATH`.
  package func wrapped(deathSignal: String) -> [String] {
    let wish = "--pdeathsig=\(deathSignal)"
    guard let own = words.lastIndex(of: "setpriv") else { return ["setpriv", wish, "--"] + words }
    var words = words
    words.insert(wish, at: words.index(after: own))
    return words
  }

  /// The environment in the form of the library that starts it.
  var variables: Subprocess.Environment {
    let all =
      switch environment {
      case .inherited(let changes):
        // A caller's own credentials, identity and database defaults are none of the services' business.
        parent.filter { !$0.key.hasPrefix("PG") && !Self.callers.contains($0.key) }.merging(changes) { $1 }
      case .only(let values): parent.filter { ["PATH", "HOME"].contains($0.key) }.merging(values) { $1 }
      }
    return .custom(Dictionary(uniqueKeysWithValues: all.map { (.init(stringLiteral: $0.key), $0.value) }))
  }

  /// Says that a program could not be started.
  static func startFailure(_ error: SubprocessError) -> LocalStackError {
    guard error.code == .executableNotFound else {
      return LocalStackError(.startFailed, "No process can be started: \(error)")
    }
    return LocalStackError(.missingProgram, "setpriv is not installed: apt-get install util-linux")
  }

  private static let callers: Set<String> = [
    "TEMPORIS_TOKEN", "TEMPORIS_SESSION", "TEMPORIS_PASSWORD", "TEMPORIS_DATABASE_URL", "TEMPORIS_DATABASE_URL_FILE",
    "TEMPORIS_TOKEN_PEPPERS", "TEMPORIS_TOKEN_PEPPERS_FILE", "TEMPORIS_IDENTITY_CERTIFICATE", "TEMPORIS_IDENTITY_KEY",
    "TEMPORIS_IDENTITY_CA",
  ]
}

extension Substring {
  /// Whether there is nothing but white space.
  fileprivate var trimmedEmpty: Bool { allSatisfy(\.isWhitespace) }
}
