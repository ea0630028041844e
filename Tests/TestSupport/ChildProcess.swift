import Foundation
import Synchronization

/// A command's end, when it failed.
package struct CommandFailure: Error, CustomStringConvertible {
  package let description: String
}

/// Commands of PostgreSQL, run as a user that it accepts: it refuses root.
enum ChildProcess {
  /// Where `initdb` and its like are.
  static func binaries() throws -> String {
    try output(["/usr/bin/env", "pg_config", "--bindir"]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Ends with this process even if that crashes; as root it runs as `postgres`.
  static func unprivileged(_ command: [String]) -> [String] {
    var prefix = ["/usr/bin/setpriv", "--pdeathsig", "QUIT"]
    if geteuid() == 0 { prefix += ["--reuid=postgres", "--regid=postgres", "--clear-groups"] }
    return prefix + command
  }

  /// Foundation's `Process.run` reads the table of open files while other threads change it, and crashes: one at a
  /// time.
  private static let spawning = Mutex(())

  static func start(_ command: [String], output: FileHandle) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    try spawning.withLock { _ in try process.run() }
    return process
  }

  /// What the command printed; throws it when the command fails.
  ///
  /// It prints into a file: a pipe might be inherited by a server that is started meanwhile, and would then never end.
  static func output(_ command: [String]) throws -> String {
    let path = NSTemporaryDirectory() + "temporis-output-\(UUID().uuidString)"
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forUpdatingAtPath: path)
    else { throw CommandFailure(description: "\(path) cannot be written") }
    defer {
      try? file.close()
      try? FileManager.default.removeItem(atPath: path)
    }
    let process = try start(command, output: file)
    process.waitUntilExit()
    try file.seek(toOffset: 0)
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw CommandFailure(description: "\(command.joined(separator: " ")): exit \(process.terminationStatus): \(text)")
    }
    return text
  }
}
