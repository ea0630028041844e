import ArgumentParser
import Foundation
import GRPCNghttp2Transport
import LocalStack
import Logging
import ServiceKit

/// `temporis demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Set up the demo account on services that run elsewhere.",
    discussion: """
      Creates what `temporis up` creates: the account, hourly orders up to now, a profile, a card and an access token; \
      again and again without harm. The password comes from --password-file, TEMPORIS_PASSWORD, standard input, or a \
      prompt on a terminal; never from the command line. With --operator-password-file it also publishes \
      temporis/demo_hourly, as the account that predict-service knows for the operator's.
      """)

  private static let tokenServiceSetting = Setting.replicas(of: .tokenService)
  private static let predictServiceSetting = Setting.replicas(of: .predictService)
  private static let gatewaySetting = Setting<String>.text(
    "gateway", default: "http://127.0.0.1:8080", help: "The gateway's URL, for the example that is written.")

  @Option(name: .customLong("token-service"), help: tokenServiceSetting.help)
  var tokenService: String?

  @Option(name: .customLong("predict-service"), help: predictServiceSetting.help)
  var predictService: String?

  @Option(name: .customLong("gateway"), help: gatewaySetting.help)
  var gateway: String?

  @OptionGroup var identity: IdentityOptions

  @Option(help: ArgumentHelp("The address that signs in.", valueName: "address"))
  var email = DemoAccount.defaultEmail

  @Option(
    name: .customLong("password-file"),
    help: ArgumentHelp("A file that holds the password; - for standard input.", valueName: "file"))
  var passwordFile: String?

  @Option(
    name: .customLong("operator-email"), help: ArgumentHelp("The operator's address.", valueName: "address"))
  var operatorEmail = OperatorAccount.defaultEmail

  @Option(
    name: .customLong("operator-password-file"),
    help: ArgumentHelp("A file that holds the operator's password. [default: nothing is published]", valueName: "file"))
  var operatorPasswordFile: String?

  @Option(
    help: ArgumentHelp(
      "Where the example is written, readable by you alone. A token that is there and still works is kept. "
        + "[default: standard output, with a new token]",
      valueName: "file"))
  var output: String?

  func run() async throws {
    let settings = Settings()
    let services = [
      Workload.tokenService: try settings.value(Self.tokenServiceSetting, flag: tokenService).map(\.description),
      .predictService: try settings.value(Self.predictServiceSetting, flag: predictService).map(\.description),
    ]
    let base = try settings.value(Self.gatewaySetting, flag: gateway)
    let identity = try identity.identity(of: .client, settings: settings, logger: .silent)
    let password = try await PasswordSource(file: passwordFile).read()
    let now = Int64(Date().timeIntervalSince1970)
    let account = DemoAccount(
      services: services, identity: identity, signIns: [.init(email: email, password: password)],
      tokenName: "temporis demo", now: now)
    if let operatorPasswordFile {
      let password = try await PasswordSource(file: operatorPasswordFile).read()
      let owner = OperatorAccount(
        services: services, identity: identity, signIns: [.init(email: operatorEmail, password: password)])
      try await owner.publishDemo(now: now)
    }
    let script = output.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    let credentials = try await account.prepare(keeping: script.flatMap(WorkedExample.token(in:)))
    await account.signOut(credentials)
    let example = WorkedExample(base: base, token: credentials.token)
    guard let output else { return Terminal.output.line(example.text) }
    try example.write(to: output)
    Terminal.output.line("The demo account \(credentials.email) is ready. Its example is in \(output).")
  }
}
