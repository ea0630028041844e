package import ArgumentParser
import Glibc

extension AsyncParsableCommand {
  /// The `main` of an executable: parses, runs, and ends with one line on standard error when something is wrong.
  ///
  /// Exit status: 0 after a clean end; 64 (`EX_USAGE`) for a flag or setting that cannot be used; 1 for anything else.
  package static func runService() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as SettingError {
      fail(error.description, status: EX_USAGE)
    } catch  where exitCode(for: error) == .success || exitCode(for: error) == .validationFailure || error is ExitCode {
      // Help that was asked for, flags that the parser refuses, and commands that chose their own exit status.
      exit(withError: error)
    } catch {
      fail("\(error)", status: EXIT_FAILURE)
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    let line = "\(_commandName): \(message.replacing("\n", with: " "))\n"
    _ = line.utf8CString.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
    Glibc.exit(status)
  }
}
