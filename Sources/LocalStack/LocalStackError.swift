/// Why the stack cannot start or go on: one line that says what is wrong and what to do.
package struct LocalStackError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of fault it is.
  package struct Code: Hashable, Sendable {
    private enum Wrapped: Hashable, Sendable {
      case dataFolder, dataFolderInUse, portInUse, missingProgram, startFailed, notRunning, badValue, output
    }

    private let wrapped: Wrapped

    /// The data folder is not usable: not ours, unreadable, of another format.
    package static let dataFolder = Code(wrapped: .dataFolder)
    /// Another process runs a stack on the data folder.
    package static let dataFolderInUse = Code(wrapped: .dataFolderInUse)
    /// A port that was asked for is taken.
    package static let portInUse = Code(wrapped: .portInUse)
    /// A program that is needed is not installed.
    package static let missingProgram = Code(wrapped: .missingProgram)
    /// A part of the stack did not start, or not in time.
    package static let startFailed = Code(wrapped: .startFailed)
    /// No stack runs on the data folder.
    package static let notRunning = Code(wrapped: .notRunning)
    /// A value that was given cannot be used.
    package static let badValue = Code(wrapped: .badValue)
    /// What there was to say could not be written.
    package static let output = Code(wrapped: .output)
  }

  /// What kind of fault it is.
  package let code: Code

  /// What, which and what to do, in one line. Holds no secret.
  package let message: String

  package var description: String { message }

  /// Creates an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
