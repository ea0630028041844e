import ArgumentParser
import Foundation
import LocalStack

/// The stack that a command acts on, and the session that it acts with.
struct StackOptions: ParsableArguments {
  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "The folder of the running stack, or TEMPORIS_DATA_DIR. [default: \(DataFolder.defaultPath())]",
      valueName: "folder"))
  var dataDir: String?

  @Option(
    name: .customLong("session-file"),
    help: ArgumentHelp(
      "A file that holds the session to act with, or TEMPORIS_SESSION. [default: the demo account's]",
      valueName: "file"))
  var sessionFile: String?

  /// Connects to the stack while something runs.
  ///
  /// - Parameter isSignedIn: Whether the calls are made with a session. Signing in needs none.
  func withStack<R>(isSignedIn: Bool = true, _ body: (StackClient) async throws -> R) async throws -> R {
    let ready = try ReadyFile.read(DataFolder(path: dataDir ?? DataFolder.defaultPath()))
    return try await StackClient.with(
      services: ready.services, identity: try ready.identity(),
      session: isSignedIn ? try session() ?? ready.session : nil, body)
  }

  /// The session of another account, if one is given.
  private func session() throws -> String? {
    if let sessionFile {
      guard let text = try? String(contentsOfFile: sessionFile, encoding: .utf8) else {
        throw CommandFailure("\(sessionFile) cannot be read")
      }
      return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let variable = ProcessInfo.processInfo.environment["TEMPORIS_SESSION"]
    return variable.flatMap { $0.isEmpty ? nil : $0 }
  }
}
