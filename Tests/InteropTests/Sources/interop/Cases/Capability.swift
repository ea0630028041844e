/// What a peer must be able to do for some cases, and not every peer can.
enum Capability: String, CaseIterable {
  /// The client says for each message of a stream whether it is compressed.
  case clientChoosesPerMessage = "client_chooses_per_message"
  /// The client ends a call that its caller cancels with the status CANCELLED.
  case clientReportsCancelled = "client_reports_cancelled"
  /// The server's handler is told whether a request came compressed.
  case serverSeesCompression = "server_sees_compression"
  /// The server's handler says for each response whether it is compressed.
  case serverChoosesPerResponse = "server_chooses_per_response"
}
