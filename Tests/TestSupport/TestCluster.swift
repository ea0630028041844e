import Foundation
import Synchronization

/// A private PostgreSQL server for tests: a Unix socket in a temporary folder, no durability, gone with the process.
package final class TestCluster: Sendable {
  /// The folder that holds the server's socket.
  package let socketDirectory: String
  private let settings: [String: String]
  private let binaries: String
  private let server = Mutex<ChildProcess?>(nil)

  private static let sharedCluster = Task { try await TestCluster() }
  private static let counter = Atomic(0)

  /// The one cluster of this test process, started at its first use.
  package static func shared() async throws -> TestCluster {
    try await sharedCluster.value
  }

  /// A cluster of its own, for a test that stops it or needs other settings (`postgresql.conf` names).
  package init(settings: [String: String] = [:]) async throws {
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    let directory = "/tmp/\(TestFolders.prefix)\(getpid())-\(number)"
    socketDirectory = directory
    self.settings = settings
    binaries = try await Blocking.run {
      let binaries = try ChildProcess.binaries()
      try TestFolders.create(directory)
      _ = try ChildProcess.output(
        ChildProcess.unprivileged([
          "\(binaries)/initdb", "-D", "\(directory)/data", "-A", "trust", "-U", "postgres", "-E", "UTF8",
          "--locale=C.UTF-8", "--no-sync",
        ]))
      return binaries
    }
    try await start()
  }

  /// Starts the server and waits until it accepts connections.
  package func start() async throws {
    try await Launcher.shared.run { [self] in
      let defaults = [
        "listen_addresses": "", "unix_socket_directories": socketDirectory, "fsync": "off", "full_page_writes": "off",
        "max_connections": "600", "shared_buffers": "64MB", "lc_messages": "C",
      ]
      let all = defaults.merging(settings) { _, ours in ours }
      let options = all.flatMap { ["-c", "\($0.key)=\($0.value)"] }
      let log = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(socketDirectory)/log"))
      try log.seekToEnd()
      let process = try ChildProcess(
        ChildProcess.unprivileged(["\(binaries)/postgres", "-D", "\(socketDirectory)/data"] + options), output: log)
      TestFolders.servers.withLock { $0[socketDirectory] = process.processIdentifier }
      server.withLock { $0 = process }
      let deadline = Date(timeIntervalSinceNow: 30)
      while (try? ChildProcess.output(["\(binaries)/pg_isready", "-q", "-h", socketDirectory])) == nil {
        guard process.isRunning, Date() < deadline else {
          let text = try String(contentsOfFile: "\(socketDirectory)/log", encoding: .utf8)
          throw CommandFailure(description: "PostgreSQL did not start: \(text.suffix(2_000))")
        }
        usleep(20_000)
      }
    }
  }

  /// Stops the server and waits for its end; sessions are ended in order, or with `immediately` just cut off.
  package func stop(immediately: Bool = false) async throws {
    try await Launcher.shared.run { [self] in
      guard let process = server.withLock({ $0.take() }) else { return }
      kill(process.processIdentifier, immediately ? SIGQUIT : SIGINT)
      _ = process.waitUntilExit()
      TestFolders.servers.withLock { $0[socketDirectory] = nil }
    }
  }

  /// A fresh, empty database; returns its URL.
  package func makeDatabase() async throws -> String {
    let name = "test_\(Self.counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    try await sql("CREATE DATABASE \(name)")
    return url(database: name)
  }

  package func url(database: String = "postgres", user: String = "postgres") -> String {
    "postgres://\(user)@/\(database)?host=\(socketDirectory)"
  }

  /// Runs SQL through psql, beside the code under test; returns the rows unaligned, a line each.
  @discardableResult
  package func sql(_ text: String, database: String = "postgres") async throws -> String {
    let url = url(database: database)
    return try await Blocking.run { [binaries] in
      try ChildProcess.output([
        "\(binaries)/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text,
      ])
    }
  }
}
