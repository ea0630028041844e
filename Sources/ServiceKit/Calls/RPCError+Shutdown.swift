import GRPCCore

extension RPCError {
  /// What a call that goes on until somebody ends it fails with once its cancellation handle is cancelled: CANCELLED when
  /// its task is, too, because nobody waits for it any more, and UNAVAILABLE when the server is shutting down.
  static var shutdownOrCancellation: RPCError {
    Task.isCancelled
      ? RPCError(code: .cancelled, message: "The call was cancelled.")
      : RPCError(code: .unavailable, message: "The server is shutting down.")
  }
}
