import Foundation
import LocalStack

/// The source of a password: a file, the environment, standard input, or a prompt on a terminal. Never the command
/// line, which every user of the machine can read.
struct PasswordSource {
  /// The file that was named, if one was.
  let file: String?
  /// Whether a prompt asks twice, as a new password is easily mistyped.
  var isNew = true

  /// Reads the password. One line end after it does not belong to it.
  func read() async throws -> String {
    if let file, file != "-" {
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw CommandFailure("\(file) cannot be read")
      }
      return Self.withoutLineEnd(text)
    }
    if file == nil {
      if let variable = ProcessInfo.processInfo.environment["TEMPORIS_PASSWORD"], !variable.isEmpty { return variable }
      if isatty(STDIN_FILENO) == 1 { return try await prompt() }
    }
    guard let line = await StandardInput.line(), !line.isEmpty else {
      throw CommandFailure("No password: give it by --password-file, TEMPORIS_PASSWORD or standard input")
    }
    return line
  }

  /// Asks, twice for a new password.
  private func prompt() async throws -> String {
    let answers = Set(try await Self.hiddenAnswers(to: isNew ? ["Password: ", "Again: "] : ["Password: "]))
    guard answers.count == 1 else { throw CommandFailure("The two passwords differ") }
    guard let password = answers.first, !password.isEmpty else { throw CommandFailure("No password was typed") }
    return password
  }

  /// Asks for secrets on the terminal without showing what is typed.
  static func hiddenAnswers(to questions: [String]) async throws -> [String] {
    var original = termios()
    guard tcgetattr(STDIN_FILENO, &original) == 0 else { throw CommandFailure("The terminal cannot hide a secret") }
    var silent = original
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &original) }
    var answers: [String] = []
    for question in questions {
      Terminal.error.write(question)
      answers.append(await StandardInput.line() ?? "")
      Terminal.error.line()
    }
    return answers
  }

  private static func withoutLineEnd(_ text: String) -> String {
    text.last?.isNewline == true ? String(text.dropLast()) : text
  }
}
