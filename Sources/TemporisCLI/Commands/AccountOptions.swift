import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// The account that signs in, and the form in which the session is printed.
struct AccountOptions: ParsableArguments {
  @OptionGroup var stack: StackOptions

  @Option(help: ArgumentHelp("The address that signs in.", valueName: "address"))
  var email: String

  @Option(
    name: .customLong("password-file"),
    help: ArgumentHelp("A file that holds the password; - for standard input.", valueName: "file"))
  var passwordFile: String?

  @Flag(help: #"Print {"email", "account_id", "session"}."#)
  var json = false

  /// The help's words on the password and the session.
  static let discussion = """
    The password comes from --password-file, TEMPORIS_PASSWORD, standard input, or a prompt on a terminal; never \
    from the command line. The session lets other commands act for the account: TEMPORIS_SESSION or --session-file.
    """

  /// Signs in and prints the session.
  ///
  /// - Parameter prefix: What was done, in front of the account's id.
  func signIn(_ client: StackClient, password: String, saying prefix: String) async throws {
    let created = try await client.accounts.createSession(
      .with {
        $0.email = email
        $0.password = password
      })
    if json {
      return try Output.json(
        SignedIn(email: created.account.email, accountID: created.account.id, session: created.secret))
    }
    Terminal.output.line("\(prefix) \(created.account.id) for \(created.account.email).")
    Terminal.output.line("To act for it: export TEMPORIS_SESSION=\(created.secret)")
  }

  private struct SignedIn: Encodable {
    let email: String
    let accountID: String
    let session: String
  }
}
