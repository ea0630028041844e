/// What is said when the stack is ready: where the API is, the demo account, and an example to paste.
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
      E-mail     \(ready.email)
      Password   \(ready.password)

    \(terminal.bold("Try it:"))

    \(example)

    \(terminal.faint("Ctrl-C stops it. Logs: \(logs)"))

    """
  }

  /// The contract's worked example, ready to paste.
  var example: String {
    #"""
    export BASE=\#(ready.gateway)
    export TEMPORIS_TOKEN=\#(ready.token)

    curl $BASE/v1/predict -H "Authorization: Bearer $TEMPORIS_TOKEN" -H "Content-Type: application/json" \
      -d '{ "data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9 }'
    """#
  }
}
