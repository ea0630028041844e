/// What is said when the stack is ready: where the API and the dashboard are, the demo account, and an example to
/// paste.
struct Announcement: Sendable {
  /// The stack's addresses and credentials.
  let ready: ReadyFile
  /// Where the logs are.
  let logs: String

  /// The text.
  func text(for terminal: Terminal) -> String {
    """

    \(terminal.bold("Temporis is running."))

      API        \(ready.gateway)
      Dashboard  \(ready.gateway)/dashboard
      E-mail     \(ready.email)
      Password   \(ready.password)

    \(terminal.bold("Try it:"))

    \(WorkedExample(base: ready.gateway, token: ready.token).text)

    \(terminal.faint("Ctrl-C stops it. Logs: \(logs)"))

    """
  }
}
