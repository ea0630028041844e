import Foundation
import GRPCNghttp2Transport
import Logging
import ServiceKit

/// The whole of Temporis on one machine: what `temporis up` runs.
package struct LocalStack: Sendable {
  let options: LocalStackOptions
  let folder: DataFolder
  let supervisor = Supervisor()
  let progress = ProgressLines()
  let publisher: ReadyFilePublisher

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
    // Whatever fails up to here leaves ready.json, whose session is then still known to the next start.
    let programs = try SiblingPrograms()
    let plan = try ServicePlan(replicas: options.replicas, gatewayPort: options.gatewayPort)
    let previousSession = (try? ReadyFile.read(folder))?.session
    publisher.withdraw()
    var certificates: StackCertificates?
    var demo: (account: DemoAccount, credentials: DemoCredentials)?
    var failure: (any Error)?
    do {
      let own = try makeCertificates()
      certificates = own
      demo = try await signals.race {
        try await start(plan, programs, certificates: own?.folder, previousSession: previousSession)
      }
      if demo != nil { await signals.wait() }
    } catch {
      failure = error
    }
    await stop(demo)
    certificates?.end()
    withExtendedLifetime(lock) {}
    if let failure { throw failure }
  }

  /// Makes the identities that the processes have, and renews them from now on; none when all is to be plaintext.
  private func makeCertificates() throws -> StackCertificates? {
    guard !options.plaintext else {
      folder.certificates.remove()
      return nil
    }
    let certificates = try StackCertificates(folder: folder.certificates, lifetime: options.certificateLifetime)
    certificates.keepRenewing()
    return certificates
  }

  private func start(
    _ plan: ServicePlan, _ programs: SiblingPrograms, certificates: CertificateFolder?, previousSession: String?
  ) async throws -> (DemoAccount, DemoCredentials) {
    let secrets = try StackSecrets(folder: folder.secrets)
    let databases = try await startDatabase(secrets)
    try await migrate(databases, programs)
    let inputs = ServicePlan.Inputs(
      tokenDatabase: databases.token, predictDatabase: databases.predict, peppers: secrets.tokenPeppers,
      tlsCertificate: options.tlsCertificate, tlsKey: options.tlsKey, certificates: certificates,
      publicURL: options.publicURL, trustedProxies: options.trustedProxies)
    // The command line's own: what it does here is what any client could.
    let identity = try certificates.map { try WorkloadIdentity(files: $0.files(of: .client), logger: .silent) }
    let services = Dictionary(uniqueKeysWithValues: ServicePlan.services.map { ($0, plan.addresses(of: $0)) })
    let owner = OperatorAccount(services: services, identity: identity, signIns: secrets.operatorSignIns)
    let operatorSignIn = try await startServices(plan, inputs, programs, identity, creating: owner)
    let now = Int64(Date().timeIntervalSince1970)
    let account = DemoAccount(
      services: services, identity: identity, signIns: secrets.demoSignIns,
      tokenName: "temporis up demo", now: now)
    let credentials = try await progress.step("Setting up the demo account") {
      try await account.prepare(ending: previousSession)
    }
    try await progress.step("Publishing temporis/\(OperatorAccount.demoProfile)") {
      try await owner.publishDemo(now: now)
    }
    let ready = await readyFile(plan, databases, credentials, operatorSignIn, certificates)
    try publisher.publish(ready)
    await supervisor.observe { [publisher] in publisher.update(processIDs: $0) }
    Terminal.output.write(Announcement(ready: ready, logs: folder.logs).text(for: .output))
    return (account, credentials)
  }

  /// Ends everything in reverse order. Runs outside of what a signal cancelled.
  private func stop(_ demo: (account: DemoAccount, credentials: DemoCredentials)?) async {
    await supervisor.observe(nil)
    publisher.withdraw()
    guard await !supervisor.processIDs.isEmpty else { return }
    if Terminal.output.isInteractive { Terminal.output.write("\n") }
    if let demo { await demo.account.revoke(demo.credentials) }
    await progress.step("Stopping the services") {
      for service in ServicePlan.services.reversed() {
        await supervisor.stop { $0.service == service.rawValue }
      }
    }
    if await supervisor.processIDs.isEmpty { return }
    await progress.step("Stopping PostgreSQL") { await supervisor.stop { _ in true } }
  }
}
