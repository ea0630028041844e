extension LocalStack {
  /// Starts every process, and waits until all are healthy.
  func startServices(
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

  /// Waits for a child, which is given up when it keeps ending, or after a time.
  func wait(for child: ChildProcess, within limit: Duration, until isReady: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
      if await isReady() { return }
      try await supervisor.check(child)
      guard ContinuousClock.now < deadline else { throw Supervisor.endedFailure(child) }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// What the stack has to say of itself.
  func readyFile(
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
}
