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

  /// Creates a command that inherits our environment.
  package init(_ words: [String]) {
    self.words = words
  }

  /// Runs the program to its end.
  ///
  /// - Parameter input: What it reads from standard input.
  /// - Returns: What it wrote to standard output, at most 1 MiB.
  /// - Throws: `LocalStackError` when it cannot be started, or ends with another status than 0; with the last line of
  ///   what it had to say.
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
      let said = (result.standardError + "\n" + result.standardOutput).split(separator: "\n").last { !$0.trimmedEmpty }
      throw LocalStackError(.startFailed, "\(name) failed: \(said.map { String($0.prefix(300)) } ?? "no reason given")")
    }
    return result.standardOutput
  }

  /// The program's own name, without the wrappers in front of it.
  var name: String {
    let program = words.lastIndex(of: "--").map { words.index(after: $0) } ?? 0
    let path = words.indices.contains(program) ? words[program] : words.first ?? ""
    return (path as NSString).lastPathComponent
  }

  /// The command behind `setpriv`, which asks the kernel for a signal at our end (PR_SET_PDEATHSIG): nothing outlives us.
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
    switch environment {
    case .inherited(let changes):
      // A caller's own credentials and database defaults are none of the services' business.
      var updates: [Subprocess.Environment.Key: String?] = [:]
      for key in ProcessInfo.processInfo.environment.keys where key.hasPrefix("PG") || Self.callers.contains(key) {
        updates[.init(stringLiteral: key)] = .some(nil)
      }
      for (key, value) in changes { updates[.init(stringLiteral: key)] = value }
      return .inherit.updating(updates)
    case .only(let values):
      var all: [Subprocess.Environment.Key: String] = [:]
      for key in ["PATH", "HOME"] {
        all[.init(stringLiteral: key)] = ProcessInfo.processInfo.environment[key]
      }
      for (key, value) in values { all[.init(stringLiteral: key)] = value }
      return .custom(all)
    }
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
    "TEMPORIS_TOKEN_PEPPERS", "TEMPORIS_TOKEN_PEPPERS_FILE",
  ]
}

extension Substring {
  /// Whether there is nothing but white space.
  fileprivate var trimmedEmpty: Bool { allSatisfy(\.isWhitespace) }
}
