package import ArgumentParser
import GRPCCore
import LocalStack
import ServiceKit

/// `temporis`: runs the whole stack, and acts for an account of a running one.
package struct TemporisCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "temporis",
    abstract: "Forecasts of time series, metered: run the whole stack on this machine, and use it.",
    discussion: """
      Every command but `up`, `demo`, `operator`, `forecast` and `backtest` acts on the stack that `temporis up` runs, \
      for its demo account unless another session is given (--session-file or TEMPORIS_SESSION).
      """,
    subcommands: [
      UpCommand.self, AccountCommand.self, TokenCommand.self, SourceCommand.self, ProfileCommand.self,
      CardCommand.self, UsageCommand.self, AuditCommand.self, IngestCommand.self, DemoCommand.self,
      OperatorCommand.self, ForecastCommand.self, BacktestCommand.self,
    ])

  package init() {}

  /// The `main` of the executable: parses, runs, and says on standard error what is wrong.
  ///
  /// Exit status: 0 after success; 64 (`EX_USAGE`) for a command line that cannot be used; 1 for anything else, such as
  /// an output that could not be written.
  package static func launch() async {
    do {
      try await runParsed()
      try Terminal.output.flush()
    } catch let error as SettingError {
      fail(CommandFailure(error.description), status: .validationFailure)
    } catch let error as LocalStackError {
      fail(CommandFailure(error.description))
    } catch let error as CommandFailure {
      fail(error)
    } catch {
      exit(withError: error)
    }
  }

  private static func runParsed() async throws {
    do {
      let parsed = try parseAsRoot()
      do {
        var command = parsed
        if var command = parsed as? any AsyncParsableCommand {
          try await command.run()
        } else {
          try command.run()
        }
      } catch let error as RPCError {
        throw CommandFailure(error, fieldNames: (parsed as? any FieldNaming)?.fieldNames ?? [:])
      }
    } catch  where exitCode(for: error) == .success {
      // Help that was asked for.
      Terminal.output.line(fullMessage(for: error))
    }
  }

  private static func fail(_ failure: CommandFailure, status: ExitCode = .failure) -> Never {
    failure.print()
    exit(withError: status)
  }
}
