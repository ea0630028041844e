import Foundation

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

  static func start(_ command: [String], output: FileHandle) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    try process.run()
    return process
  }

  /// What the command printed; throws it when the command fails.
  static func output(_ command: [String]) throws -> String {
    let pipe = Pipe()
    let process = try start(command, output: pipe.fileHandleForWriting)
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CommandFailure(description: "\(command.joined(separator: " ")): exit \(process.terminationStatus): \(text)")
    }
    return text
  }
}
