import Foundation
package import Subprocess
import SystemPackage
import TestSupport

/// A local stack as a user starts it: `temporis up` with its real processes and its real database.
package final class Stack: Sendable {
  /// What ready.json tells scripts.
  package struct Ready: Decodable, Sendable {
    package struct TLS: Decodable, Sendable {
      package let ca: String
      package let clientCertificate: String
      package let clientKey: String

      private enum CodingKeys: String, CodingKey {
        case ca
        case clientCertificate = "client_certificate"
        case clientKey = "client_key"
      }
    }

    package let gateway: String
    package let token: String
    package let session: String
    package let email: String
    package let password: String
    package let databaseURL: String
    package let services: [String: [String]]
    package let tls: TLS?
    package let pids: [String: [Int32]]
    package let admin: [String: [String]]
    package let operatorAccount: Operator

    package struct Operator: Decodable, Sendable {
      package let email: String
      package let password: String
    }

    private enum CodingKeys: String, CodingKey {
      case gateway, token, session, email, password, services, tls, pids, admin
      case databaseURL = "database_url"
      case operatorAccount = "operator"
    }
  }

  /// The stack that most tests share. Its processes end with this one.
  package static let shared = Task { try await Stack() }

  package let dataFolder: String
  /// The process that `temporis up` is.
  package let pid: pid_t
  private let running: Task<TerminationStatus, any Error>
  /// The ready.json that an earlier stack left behind.
  private let stale: Data?

  /// Starts a stack and waits until it is ready.
  /// - Parameters:
  ///   - dataFolder: Its data folder. Nil: a new one.
  ///   - arguments: What `up` is given besides.
  ///   - environment: What the processes find in their environment besides.
  ///   - wrapper: What `up` is started through: options of setpriv(1), or a program that starts it.
  package init(
    dataFolder: String? = nil, arguments: [String] = [], environment: [String: String] = [:], wrapper: [String] = []
  ) async throws {
    let folder = try dataFolder ?? Self.makeTemporaryFolder()
    stale = FileManager.default.contents(atPath: folder + "/ready.json")
    let (started, continuation) = AsyncStream.makeStream(of: pid_t.self)
    let running = Task {
      defer { continuation.finish() }
      return try await Self.up(folder: folder, arguments: arguments, environment: environment, wrapper: wrapper) {
        continuation.yield($0)
      }
    }
    guard let pid = await started.first(where: { _ in true }) else {
      throw Command.Failure(description: "temporis up did not start: \(await running.result)")
    }
    self.dataFolder = folder
    self.running = running
    self.pid = pid
    _ = try await ready()
  }

  /// Where the files of a workload's identity lie while the stack runs.
  package func identity(of workload: String) -> Identity {
    Identity(folder: dataFolder + "/tls", name: workload)
  }

  /// The path of ready.json.
  package var readyPath: String { dataFolder + "/ready.json" }

  /// What ready.json says, once it is there.
  package func ready() async throws -> Ready {
    let data = try await eventually("\(readyPath) is written", within: .seconds(120)) {
      FileManager.default.contents(atPath: readyPath).flatMap { $0 == stale ? nil : $0 }
    }
    return try JSONDecoder().decode(Ready.self, from: data)
  }

  /// Ends the stack as Ctrl-C does, and waits until it is gone.
  @discardableResult
  package func stop(with signal: Int32 = SIGINT) async throws -> TerminationStatus {
    kill(pid, signal)
    return try await running.value
  }

  /// Runs a command of `temporis` against the stack.
  package func temporis(
    _ arguments: [String], session: String? = nil, password: String? = nil, input: String = ""
  ) async throws -> Command.Output {
    try await Command.run(
      Command.buildFolder + "/temporis", arguments + ["--data-dir", dataFolder],
      environment: ["TEMPORIS_SESSION": session, "TEMPORIS_PASSWORD": password], input: input)
  }

  /// Makes a folder that the next run of the tests removes, when this one is over.
  package static func makeTemporaryFolder() throws -> String {
    let folder =
      "\(try temporaryFolders.get())/\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  private static let temporaryFolders = Result {
    let root = "/tmp/temporis-tests-\(getuid())"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: root) {
      guard let owner = name.split(separator: "-").first.flatMap({ pid_t($0) }), kill(owner, 0) != 0 else { continue }
      try? FileManager.default.removeItem(atPath: root + "/" + name)
    }
    return root
  }

  private static func up(
    folder: String, arguments: [String], environment: [String: String], wrapper: [String],
    started: @Sendable (pid_t) -> Void
  ) async throws -> TerminationStatus {
    let file = try FileDescriptor.open(
      FilePath(folder + ".log"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    var overrides: [Environment.Key: String?] = [:]
    for (name, value) in environment {
      if let key = Environment.Key(rawValue: name) { overrides.updateValue(value, forKey: key) }
    }
    // The stack gets SIGTERM when this process dies, however it dies.
    let result = try await Subprocess.run(
      .name("setpriv"),
      arguments: Arguments(
        ["--pdeathsig", "TERM"] + wrapper
          + [Command.buildFolder + "/temporis", "up", "--data-dir", folder, "--gateway-port", "0"] + arguments),
      environment: .inherit.updating(overrides), input: .none,
      output: .fileDescriptor(file, closeAfterSpawningProcess: false),
      error: .fileDescriptor(file, closeAfterSpawningProcess: true)
    ) { execution in
      started(execution.processIdentifier.value)
    }
    return result.terminationStatus
  }
}
