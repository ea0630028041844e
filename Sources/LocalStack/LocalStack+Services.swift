import GRPCNghttp2Transport
import ServiceKit

extension LocalStack {
  /// Starts every process, and waits until all are healthy. In between the operator's account is created, if it is
  /// missing: predict-service has to be told which it is.
  ///
  /// - Returns: How to sign in as the operator.
  func startServices(
    _ plan: ServicePlan, _ inputs: ServicePlan.Inputs, _ programs: SiblingPrograms, _ identity: WorkloadIdentity?,
    creating account: OperatorAccount
  ) async throws -> DemoAccount.SignIn {
    try await progress.step("Starting \(plan.instances.count) service processes") {
      var inputs = inputs
      let (first, rest) = (
        plan.instances.filter { ServicePlan.accountServices.contains($0.service) },
        plan.instances.filter { !ServicePlan.accountServices.contains($0.service) }
      )
      try await start(first, of: plan, inputs, programs, identity)
      let (id, signIn) = try await account.create(known: OperatorAccount.id(writtenTo: folder.operatorAccount))
      try OperatorAccount.write(id, to: folder.operatorAccount)
      inputs.operatorAccount = id
      try await start(rest, of: plan, inputs, programs, identity)
      return signIn
    }
  }

  private func start(
    _ instances: [ServicePlan.Instance], of plan: ServicePlan, _ inputs: ServicePlan.Inputs,
    _ programs: SiblingPrograms, _ identity: WorkloadIdentity?
  ) async throws {
    var children: [(ServicePlan.Instance, ChildProcess)] = []
    for instance in instances {
      var command = Command([programs.path(of: instance.service)])
      command.environment = .inherited(plan.environment(of: instance, inputs))
      let log = LogFile(path: "\(folder.logs)/\(instance.service.rawValue)-\(instance.number).log")
      let child = ChildProcess(
        service: instance.service.rawValue, number: instance.number, command: command, log: log)
      await supervisor.keep(child)
      children.append((instance, child))
    }
    for (instance, child) in children {
      try await wait(for: child, within: .seconds(60)) { await isHealthy(instance, child, identity) }
    }
  }

  private func isHealthy(
    _ instance: ServicePlan.Instance, _ child: ChildProcess, _ identity: WorkloadIdentity?
  ) async -> Bool {
    guard await supervisor.processID(of: child) != nil, FreePorts.isListening(instance.port) else { return false }
    let timeout = Duration.seconds(1)
    let endpoint = SocketEndpoint.host("127.0.0.1", port: Int(instance.port))
    guard instance.service == .apiGateway else {
      return await GRPCHealthProbe(
        endpoint: endpoint, timeout: timeout, service: instance.service, identity: identity
      ).isServing()
    }
    // Its port is the user's choice, and whatever answers there need not be ours: the other one was picked for it.
    let admin = SocketEndpoint.host("127.0.0.1", port: Int(instance.adminPort))
    guard await HTTPHealthProbe(endpoint: admin, timeout: timeout).isServing() else { return false }
    // HTTPS: that it listens must do, as the certificate may be for another name than this one.
    if options.tlsCertificate != nil { return true }
    return await HTTPHealthProbe(endpoint: endpoint, timeout: timeout).isServing()
  }

  /// Waits for a child, which is given up when it keeps ending, or after a time.
  func wait(for child: ChildProcess, within limit: Duration, until isReady: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
      if await isReady() { return }
      try await supervisor.check(child)
      guard ContinuousClock.now < deadline else { throw Supervisor.endedFailure(child) }
      try await pause(for: .milliseconds(50))
    }
  }

  /// What the stack has to say of itself.
  func readyFile(
    _ plan: ServicePlan, _ databases: StackDatabases, _ credentials: DemoCredentials,
    _ operatorSignIn: DemoAccount.SignIn, _ certificates: CertificateFolder?
  ) async -> ReadyFile {
    let scheme = options.tlsCertificate == nil ? "http" : "https"
    let admin = ServicePlan.services.map { ($0, plan.instances(of: $0).map(\.adminAddress)) }
    return ReadyFile(
      gateway: "\(scheme)://\(plan.addresses(of: .apiGateway)[0])", token: credentials.token,
      session: credentials.session, email: credentials.email, password: credentials.password,
      databaseURL: databases.owner.text,
      services: Dictionary(uniqueKeysWithValues: ServicePlan.services.dropLast().map { ($0, plan.addresses(of: $0)) }),
      tls: certificates.map { ReadyFile.TLS($0.files(of: .client)) }, pids: await supervisor.processIDs,
      admin: Dictionary(uniqueKeysWithValues: admin),
      operatorAccount: ReadyFile.Operator(email: operatorSignIn.email, password: operatorSignIn.password))
  }
}
