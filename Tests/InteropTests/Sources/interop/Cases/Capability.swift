/// What a peer must be able to do for some cases, and not every peer can.
enum Capability: String, CaseIterable {
  /// The client says for each message of a stream whether it is compressed.
  case clientChoosesPerMessage = "client_chooses_per_message"
  /// The client ends a call that its caller cancels with the status CANCELLED.
  case clientReportsCancelled = "client_reports_cancelled"
  /// The client leaves the request of a call that its caller cancels without an end.
  case clientAbandonsRequests = "client_abandons_requests"
  /// The server's handler can tell a request that was cancelled from a complete one.
  case serverSeesCancellation = "server_sees_cancellation"
  /// The server's handler is told whether a request came compressed.
  case serverSeesCompression = "server_sees_compression"
  /// The server's handler says for each response whether it is compressed.
  case serverChoosesPerResponse = "server_chooses_per_response"
}
