import Foundation
import Logging

/// The whole of Temporis on one machine: what `temporis up` runs.
package struct LocalStack: Sendable {
  private let options: LocalStackOptions
  private let folder: DataFolder
  private let supervisor = Supervisor()
  private let progress = ProgressLines()
  private let publisher: ReadyFilePublisher

  /// Prepares a stack; nothing starts yet.
  package init(options: LocalStackOptions) {
    self.options = options
    folder = DataFolder(path: options.dataFolder)
    publisher = ReadyFilePublisher(folder: folder)
  }

  /// Starts everything, says so, and runs until a signal asks for the end; then ends everything in reverse order.
  ///
  /// - Throws: `LocalStackError` when something cannot start; what did start is ended first.
  package func run() async throws {
    let signals = StopSignals()
    signal(SIGPIPE, SIG_IGN)
    let lock = try folder.open()
    let previousSession = (try? ReadyFile.read(folder))?.session
    publisher.withdraw()
    var demo: (account: DemoAccount, credentials: DemoCredentials)?
    var failure: (any Error)?
    do {
      demo = try await signals.race { try await start(previousSession: previousSession) }
      if demo != nil { await signals.wait() }
    } catch {
      failure = error
    }
    await stop(demo)
    withExtendedLifetime(lock) {}
    if let failure { throw failure }
  }

  private func start(previousSession: String?) async throws -> (DemoAccount, DemoCredentials) {
    let programs = try SiblingPrograms()
    let plan = try ServicePlan(replicas: options.replicas, gatewayPort: options.gatewayPort)
    let secrets = try StackSecrets(folder: folder.secrets)
    let databases = try await startDatabase(secrets)
    try await migrate(databases, programs)
    let inputs = ServicePlan.Inputs(
      tokenDatabase: databases.token, predictDatabase: databases.predict, peppers: secrets.tokenPeppers,
      tlsCertificate: options.tlsCertificate, tlsKey: options.tlsKey)
    try await startServices(plan, inputs, programs)
    let services = Dictionary(uniqueKeysWithValues: ServicePlan.services.map { ($0, plan.addresses(of: $0)) })
    let now = Int64(Date().timeIntervalSince1970)
    let account = DemoAccount(services: services, secrets: secrets, now: now)
    let credentials = try await progress.step("Setting up the demo account") {
      try await account.prepare(previousSession: previousSession)
    }
    let ready = await readyFile(plan, databases, credentials)
    try publisher.publish(ready)
    await supervisor.observe { [publisher] in publisher.update(processIDs: $0) }
    Terminal.output.write(Announcement(ready: ready, logs: folder.logs).text(for: .output))
    return (account, credentials)
  }

  // MARK: Database

  private func startDatabase(_ secrets: StackSecrets) async throws -> StackDatabases {
    if let text = options.databaseURL {
      guard let owner = DatabaseURL(text) else {
        throw LocalStackError(.badValue, "--database-url must be a URL such as postgres://user:password@host/database")
      }
      let databases = StackDatabases(
        owner: owner, token: owner.with(role: DatabaseRole.token.rawValue, password: secrets.tokenRolePassword),
        predict: owner.with(role: DatabaseRole.predict.rawValue, password: secrets.predictRolePassword))
      try await progress.step("Preparing the database") {
        let logger = Logger(label: "temporis.up") { _ in SwiftLogNoOpLogHandler() }
        try await DatabaseAccess(ownerURL: owner, logger: logger).createRoles(
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

  private func migrate(_ databases: StackDatabases, _ programs: SiblingPrograms) async throws {
    try await progress.step("Migrating the database") {
      for service in ["token-service", "predict-service"] {
        var command = Command([programs.path(of: service), "migrate"])
        command.environment = .inherited(["TEMPORIS_DATABASE_URL": databases.owner.text])
        try await command.run()
      }
    }
  }

  // MARK: Services

  private func startServices(
    _ plan: ServicePlan, _ inputs: ServicePlan.Inputs, _ programs: SiblingPrograms
  ) async throws {
    try await progress.step("Starting \(plan.instances.count) service processes") {
      var children: [(ServicePlan.Instance, ChildProcess)] = []
      for instance in plan.instances {
        var command = Command([programs.path(of: instance.service)])
        command.environment = .inherited(plan.environment(of: instance, inputs))
        let log = LogFile(path: "\(folder.logs)/\(instance.service)-\(instance.number).log")
        let child = ChildProcess(service: instance.service, number: instance.number, command: command, log: log)
        await supervisor.keep(child)
        children.append((instance, child))
      }
      for (instance, child) in children {
        try await wait(for: child, within: .seconds(60)) { await isHealthy(instance) }
      }
    }
  }

  private func isHealthy(_ instance: ServicePlan.Instance) async -> Bool {
    guard FreePorts.isListening(instance.port) else { return false }
    guard instance.service == "api-gateway" else { return await HealthProbe(address: instance.address).isServing() }
    // HTTPS: that it listens must do, as the certificate may be for another name than this one.
    if options.tlsCertificate != nil { return true }
    return await GatewayProbe(port: instance.port).isHealthy()
  }

  private func wait(for child: ChildProcess, within limit: Duration, until isReady: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
      if await isReady() { return }
      try await supervisor.check(child)
      guard ContinuousClock.now < deadline else { throw Supervisor.endedFailure(child) }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func readyFile(
    _ plan: ServicePlan, _ databases: StackDatabases, _ credentials: DemoCredentials
  ) async -> ReadyFile {
    let scheme = options.tlsCertificate == nil ? "http" : "https"
    let admin = ServicePlan.services.map { ($0, plan.instances(of: $0).map(\.adminAddress)) }
    return ReadyFile(
      gateway: "\(scheme)://\(plan.addresses(of: "api-gateway")[0])", token: credentials.token,
      session: credentials.session, email: credentials.email, password: credentials.password,
      databaseURL: databases.owner.text,
      services: Dictionary(uniqueKeysWithValues: ServicePlan.services.dropLast().map { ($0, plan.addresses(of: $0)) }),
      tls: nil, pids: await supervisor.processIDs, admin: Dictionary(uniqueKeysWithValues: admin))
  }

  // MARK: The end

  /// Ends everything in reverse order. Runs outside of what a signal cancelled.
  private func stop(_ demo: (account: DemoAccount, credentials: DemoCredentials)?) async {
    await supervisor.observe(nil)
    publisher.withdraw()
    guard await !supervisor.processIDs.isEmpty else { return }
    if Terminal.output.isInteractive { Terminal.output.write("\n") }
    if let demo { await demo.account.revoke(demo.credentials) }
    await progress.step("Stopping the services") {
      for service in ServicePlan.services.reversed() {
        await supervisor.stop { $0.service == service }
      }
    }
    if await supervisor.processIDs.isEmpty { return }
    await progress.step("Stopping PostgreSQL") { await supervisor.stop { _ in true } }
  }
}
