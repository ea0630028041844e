import ArgumentParser
import Foundation
import LocalStack

/// The agreement that a command needs before it deletes what cannot be restored: a person's answer on a terminal, or
/// `--yes`.
struct ConfirmationOptions: ParsableArguments {
  @Flag(help: "Do not ask. Needed where there is no terminal to ask on.")
  var yes = false

  /// Returns once the deletion is agreed to.
  ///
  /// - Parameter deletion: Says what will be deleted, as the rest of a sentence; not asked with `--yes`.
  /// - Throws: `CommandFailure` when it is not agreed to.
  func confirm(_ deletion: () async throws -> String) async throws {
    if yes { return }
    let deletion = try await deletion()
    guard Self.canAsk else {
      throw CommandFailure("This would \(deletion). --yes confirms it where no terminal can ask")
    }
    try await Self.ask(deletion)
  }

  /// Whether there is a terminal to ask on.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Asks on the terminal.
  ///
  /// - Parameter deletion: What will be deleted, as the rest of a sentence.
  /// - Throws: `CommandFailure` when it is not agreed to.
  static func ask(_ deletion: String) async throws {
    Terminal.error.write("This will \(deletion.printable). Go on? [y/N] ")
    guard let answer = await StandardInput.line(), ["y", "yes"].contains(answer.lowercased()) else {
      throw CommandFailure("Nothing was deleted")
    }
  }
}
