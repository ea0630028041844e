import Foundation
import Logging
import ServiceKit

extension LocalStack {
  /// Prepares the database that was asked for, a private cluster by default, and waits until it takes connections.
  func startDatabase(_ secrets: StackSecrets) async throws -> StackDatabases {
    if let text = options.databaseURL {
      guard let owner = DatabaseURL(text) else {
        throw LocalStackError(.badValue, "--database-url must be a URL such as postgres://user:password@host/database")
      }
      let databases = StackDatabases(
        owner: owner, token: owner.with(role: DatabaseRole.token.rawValue, password: secrets.tokenRolePassword),
        predict: owner.with(role: DatabaseRole.predict.rawValue, password: secrets.predictRolePassword))
      try await progress.step("Preparing the database") {
        try await DatabaseAccess(ownerURL: owner, logger: .silent).createRoles(
          passwords: [.token: secrets.tokenRolePassword, .predict: secrets.predictRolePassword])
      }
      return databases
    }
    let cluster = try await PostgresCluster(dataFolder: folder)
    try await progress.step("Preparing PostgreSQL") { try await cluster.createIfMissing(secrets: secrets) }
    try await progress.step("Starting PostgreSQL") {
      let child = cluster.child(log: LogFile(path: folder.logs + "/postgres-1.log"))
      await supervisor.keep(child)
      // Long: after a crash the server first replays what it had logged.
      try await wait(for: child, within: .seconds(300)) {
        guard let processID = await supervisor.processID(of: child) else { return false }
        return cluster.isReady(processID: processID)
      }
    }
    return StackDatabases(
      owner: cluster.url(role: .owner, password: secrets.ownerPassword),
      token: cluster.url(role: .token, password: secrets.tokenRolePassword),
      predict: cluster.url(role: .predict, password: secrets.predictRolePassword))
  }

  /// Brings each service's schema up to date, as the database's owner.
  func migrate(_ databases: StackDatabases, _ programs: SiblingPrograms) async throws {
    // What a URL of the user's leaves out, such as its password, may be in libpq's variables.
    let libpq = options.databaseURL == nil ? [:] : ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PG") }
    try await progress.step("Migrating the database") {
      for service in [Workload.tokenService, .predictService] {
        var command = Command([programs.path(of: service), "migrate"])
        command.environment = .inherited(libpq.merging(["TEMPORIS_DATABASE_URL": databases.owner.text]) { $1 })
        try await command.run()
      }
    }
  }
}
