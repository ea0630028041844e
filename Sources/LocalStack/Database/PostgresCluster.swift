import Foundation
import ServiceKit
import Subprocess

/// The private PostgreSQL cluster: Unix socket only, its own roles, `fsync` on.
struct PostgresCluster: Sendable {
  /// The cluster's folder.
  let folder: String
  /// PostgreSQL's programs, of the cluster's version.
  let programs: PostgresPrograms
  /// Who runs them, when that is another user than ours.
  let owner: SystemUser?
  /// Where the socket lies.
  let socketFolder: SocketFolder
  /// What its processes bear in their titles.
  private let name: String

  /// Finds the programs and places for the cluster of a data folder.
  init(dataFolder: DataFolder) async throws {
    folder = dataFolder.cluster
    name = "temporis-" + SocketFolder.fingerprint(dataFolder.path)
    let version = try? String(contentsOfFile: dataFolder.cluster + "/PG_VERSION", encoding: .utf8)
    programs = try await PostgresPrograms.find(major: version?.trimmed)
    owner = try SystemUser.forCluster()
    socketFolder = try SocketFolder(dataFolder: dataFolder.path, owner: owner)
  }

  /// The database as a role.
  func url(role: DatabaseRole, password: String) -> DatabaseURL {
    DatabaseURL(
      socketFolder: socketFolder.path, database: DatabaseRole.owner.rawValue, role: role.rawValue, password: password)
  }

  /// Makes the cluster, its roles and its database, unless they are there.
  ///
  /// It is made beside its place and then moved there, so that a start that was cut short leaves none rather than half.
  func createIfMissing(secrets: StackSecrets) async throws {
    if FileManager.default.fileExists(atPath: folder + "/PG_VERSION") {
      try await endLeftover()
      if secrets.rolesAreNew { try await configure(in: folder, statements: Self.passwords(secrets)) }
      return
    }
    let partial = folder + ".new"
    try? FileManager.default.removeItem(atPath: partial)
    guard mkdir(partial, 0o700) == 0, owner.map({ chown(partial, $0.userID, $0.groupID) == 0 }) ?? true else {
      throw LocalStackError(.dataFolder, "\(partial) cannot be created")
    }
    // Nobody signs in as the superuser: it has no password, and single-user mode needs none.
    try await command(in: partial) { place in
      [
        programs.initdb, "-D", place, "--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C.UTF-8",
        "--data-checksums",
      ]
    }.run()
    let hostRules = "# Written by `temporis up`.\nlocal all all scram-sha-256\n"
    try hostRules.write(toFile: partial + "/pg_hba.conf", atomically: false, encoding: .utf8)
    try await configure(in: partial, statements: Self.roles(secrets))
    guard rename(partial, folder) == 0 else {
      throw LocalStackError(.dataFolder, "\(folder) cannot be created")
    }
  }

  /// The server, as a child that is kept running.
  func child(log: LogFile) -> ChildProcess {
    let settings = [
      "cluster_name=\(name)", "listen_addresses=", "unix_socket_directories=\(socketFolder.path)", "port=5432",
      "max_connections=200",
      // A statement's text might hold what a log must not.
      "log_min_error_statement=panic", "log_parameter_max_length_on_error=0", "log_statement=none",
      "logging_collector=off", "log_destination=stderr", "log_line_prefix=%m [%p] ",
    ]
    let command = command(in: folder) { place in
      [programs.postgres, "-D", place] + settings.flatMap { ["-c", $0] }
    }
    // SIGINT: fast shutdown. SIGQUIT: at once; the next start recovers, as after a crash.
    return ChildProcess(
      service: "postgres", number: 1, command: command, log: log, deathSignal: "QUIT",
      stop: ChildProcess.Stop(signal: .interrupt, patience: .seconds(20), then: .quit))
  }

  /// Whether the server with this process id takes connections.
  func isReady(processID: Int32) -> Bool {
    let lines = lockFile()
    return lines.first.flatMap { Int32($0) } == processID && lines.count >= 8 && lines[7].trimmed == "ready"
  }

  /// Ends a server that an earlier stack left on this cluster, and drops the lock file of one that is gone.
  ///
  /// The data folder's lock is ours, so no living stack owns it. The lock file goes only when no process works in the
  /// folder any more: it is what keeps a second server off while an ended one's sessions still write. And go it must,
  /// because its process id may meanwhile be any program's, which would keep the new server from starting.
  private func endLeftover() async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while case let servers = serverProcesses(), !servers.isEmpty {
      if let main = lockFile().first.flatMap({ Int32($0) }), servers.contains(main) { kill(main, SIGQUIT) }
      guard ContinuousClock.now < deadline else {
        let list = servers.map(String.init).joined(separator: ", ")
        throw LocalStackError(
          .startFailed, "An earlier PostgreSQL (process \(list)) still uses \(folder): end it first")
      }
      try await pause(for: .milliseconds(100))
    }
    try? FileManager.default.removeItem(atPath: folder + "/postmaster.pid")
  }

  /// The processes that work in the cluster's folder, or bear its name: PostgreSQL's do, all of them.
  ///
  /// Root sees where another user's process works only with CAP_SYS_PTRACE, which most containers lack; its title is
  /// everybody's to read.
  private func serverProcesses() -> [Int32] {
    let place = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    let files = FileManager.default
    let processes = (try? files.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { Int32($0) }.filter { process in
      if (try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) == place { return true }
      let title = files.contents(atPath: "/proc/\(process)/cmdline").map { String(decoding: $0, as: UTF8.self) }
      let program = files.contents(atPath: "/proc/\(process)/comm")
      return program == Data("postgres\n".utf8) && title?.contains(name) == true
    }
  }

  private func lockFile() -> [String] {
    let text = try? String(contentsOfFile: folder + "/postmaster.pid", encoding: .utf8)
    return text?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
  }

  /// Runs statements in single-user mode, one a line, read from standard input so that no secret is in an argument.
  private func configure(in folder: String, statements: [String]) async throws {
    try await command(in: folder) { place in
      [
        programs.postgres, "--single", "-D", place, "-c", "exit_on_error=on", "-c", "log_min_messages=fatal",
        // A statement's text holds a password.
        "-c", "log_min_error_statement=panic", "postgres",
      ]
    }.run(input: statements.map { $0 + "\n" }.joined())
  }

  /// A program of PostgreSQL's on a cluster folder, as the cluster's owner.
  ///
  /// As root the folder is opened first and handed on as a descriptor: the path that leads there may be closed to the
  /// owner of the cluster (a folder below /root, or one of mktemp's).
  private func command(in folder: String, _ arguments: (String) -> [String]) -> Command {
    var command: Command
    if let owner {
      command = Command(
        [
          "sh", "-c", #"exec 3<"$1"; cd /; shift; exec "$@""#, "sh", folder,
          "setpriv", "--reuid=\(owner.userID)", "--regid=\(owner.groupID)", "--clear-groups", "--",
        ] + arguments("/proc/self/fd/3"))
    } else {
      command = Command(arguments(folder))
    }
    command.environment = .only(["LC_ALL": "C.UTF-8"])
    return command
  }

  private static func roles(_ secrets: StackSecrets) -> [String] {
    // The passwords are hexadecimal digits: they need no quoting.
    [
      "CREATE ROLE temporis LOGIN PASSWORD '\(secrets.ownerPassword)';",
      "CREATE ROLE temporis_token LOGIN PASSWORD '\(secrets.tokenRolePassword)';",
      "CREATE ROLE temporis_predict LOGIN PASSWORD '\(secrets.predictRolePassword)';",
      "GRANT temporis_token, temporis_predict, pg_monitor, pg_signal_backend TO temporis;",
      "CREATE DATABASE temporis OWNER temporis;",
      "REVOKE ALL ON DATABASE temporis FROM PUBLIC;",
      "GRANT CONNECT ON DATABASE temporis TO temporis_token, temporis_predict;",
    ]
  }

  private static func passwords(_ secrets: StackSecrets) -> [String] {
    [
      "ALTER ROLE temporis PASSWORD '\(secrets.ownerPassword)';",
      "ALTER ROLE temporis_token PASSWORD '\(secrets.tokenRolePassword)';",
      "ALTER ROLE temporis_predict PASSWORD '\(secrets.predictRolePassword)';",
    ]
  }
}
