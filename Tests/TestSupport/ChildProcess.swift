import Foundation
import Synchronization

/// A command's end, when it failed.
package struct CommandFailure: Error, CustomStringConvertible {
  package let description: String
}

/// A command that runs. Commands of PostgreSQL run as a user that it accepts: it refuses root.
///
/// In place of Foundation's `Process`, which looks through the open files of this process when it starts another one.
/// It copies more of each entry than there is, and so crashes now and then where many files are open.
final class ChildProcess: Sendable {
  /// Closes what other tests have open, which a server would keep open for as long as it runs.
  private static let shell = [
    "/bin/bash", "-c",
    #"for file in /proc/self/fd/*; do n=${file##*/}; ((n > 2)) && eval "exec $n>&-"; done; cd / && exec "$@""#, "bash",
  ]

  let processIdentifier: pid_t
  private let status = Mutex<Int32?>(nil)

  /// Starts a command with this process's environment, in the root folder. What it prints goes to `output`.
  init(_ command: [String], output: FileHandle) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.fileDescriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.fileDescriptor, STDERR_FILENO)
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    var child: pid_t = 0
    let code = Self.withPointers(Self.shell + command) { arguments in
      Self.withPointers(environment) { posix_spawn(&child, Self.shell[0], &actions, nil, arguments, $0) }
    }
    guard code == 0 else {
      throw CommandFailure(description: "\(command[0]) cannot be started: \(String(cString: strerror(code)))")
    }
    processIdentifier = child
  }

  var isRunning: Bool { exitStatus(WNOHANG) == nil }

  /// The exit status, or 128 and the signal that ended it, as a shell says it. Waits for the end.
  func waitUntilExit() -> Int32 {
    while true {
      if let status = exitStatus(0) { return status }
    }
  }

  /// `nil` while it runs.
  private func exitStatus(_ options: Int32) -> Int32? {
    status.withLock { status in
      if let status { return status }
      var raw: Int32 = 0
      guard waitpid(processIdentifier, &raw, options) == processIdentifier else { return nil }
      status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
      return status
    }
  }

  /// Lends texts as C wants a list of them.
  private static func withPointers<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }

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
    let status = try ChildProcess(command, output: file).waitUntilExit()
    try file.seek(toOffset: 0)
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    guard status == 0 else {
      throw CommandFailure(description: "\(command.joined(separator: " ")): exit \(status): \(text)")
    }
    return text
  }
}
