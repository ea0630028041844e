import ArgumentParser
import GRPCNghttp2Transport
import LocalStack
import Logging
import ServiceKit

/// `temporis operator`
struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Create the operator's account on services that run elsewhere, and write its id.",
    discussion: """
      Again and again without harm: an id that the file of --output holds already is kept. predict-service takes the \
      id as --operator-account, or the file by TEMPORIS_OPERATOR_ACCOUNT_FILE: this account may publish its data \
      profiles. The password comes from --password-file, TEMPORIS_PASSWORD, standard input, or a prompt on a terminal; \
      never from the command line.
      """)

  private static let tokenServiceSetting = Setting.replicas(of: .tokenService)

  @Option(name: .customLong("token-service"), help: tokenServiceSetting.help)
  var tokenService: String?

  @OptionGroup var identity: IdentityOptions

  @Option(help: ArgumentHelp("The address that signs in.", valueName: "address"))
  var email = OperatorAccount.defaultEmail

  @Option(
    name: .customLong("password-file"),
    help: ArgumentHelp("A file that holds the password; - for standard input.", valueName: "file"))
  var passwordFile: String?

  @Option(help: ArgumentHelp("Where the id is written. [default: standard output]", valueName: "file"))
  var output: String?

  func run() async throws {
    if let output, let id = OperatorAccount.id(writtenTo: output) {
      // Whatever has become of its password.
      return Terminal.output.line("The operator's account is \(id), as \(output) says.")
    }
    let settings = Settings()
    let endpoints = try settings.value(Self.tokenServiceSetting, flag: tokenService).map(\.description)
    let identity = try identity.identity(of: .client, settings: settings, logger: .silent)
    let password = try await PasswordSource(file: passwordFile).read()
    // An account is the token-service's alone; the client of the other service, which there is as well, never connects.
    let account = OperatorAccount(
      services: [.tokenService: endpoints, .predictService: endpoints], identity: identity,
      signIns: [.init(email: email, password: password)])
    let id = try await account.create(known: nil).id
    guard let output else { return Terminal.output.line(id) }
    try OperatorAccount.write(id, to: output)
    Terminal.output.line("The operator's account is \(id). Its id is in \(output).")
  }
}
