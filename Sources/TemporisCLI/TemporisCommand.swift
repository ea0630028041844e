package import ArgumentParser
import GRPCCore
import LocalStack
import ServiceKit

/// `temporis`: runs the whole stack, and acts for an account of a running one.
package struct TemporisCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "temporis",
    abstract: "Forecasts of time series, metered: run the whole stack on this machine, and use it.",
    discussion: "Every command but `up` and `demo` acts on the stack that `temporis up` runs, for its demo account "
      + "unless another session is given (--session-file or TEMPORIS_SESSION).",
    subcommands: [
      UpCommand.self, AccountCommand.self, TokenCommand.self, SourceCommand.self, ProfileCommand.self,
      CardCommand.self, UsageCommand.self, IngestCommand.self, DemoCommand.self,
    ])

  package init() {}

  /// The `main` of the executable: parses, runs, and says on standard error what is wrong.
  ///
  /// Exit status: 0 after success; 64 (`EX_USAGE`) for a command line that cannot be used; 1 for anything else.
  package static func launch() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as SettingError {
      fail(CommandFailure(error.description), status: .validationFailure)
    } catch let error as RPCError {
      fail(CommandFailure(error))
    } catch let error as LocalStackError {
      fail(CommandFailure(error.description))
    } catch let error as CommandFailure {
      fail(error)
    } catch {
      exit(withError: error)
    }
  }

  private static func fail(_ failure: CommandFailure, status: ExitCode = .failure) -> Never {
    failure.print()
    exit(withError: status)
  }
}
