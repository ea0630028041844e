public import GRPCCore

/// What a ``FastPath`` makes of a request.
public enum FastPathAnswer: Sendable {
  /// The serialized response message; its metadata is empty and its status OK.
  case reply([UInt8])
  /// The call fails with this code, message and metadata.
  case error(RPCError)
  /// The ordinary handler answers the request, of which nothing is lost.
  case fallThrough
  /// The answer isn't at hand yet: the call waits until the promise is completed or let go.
  case later(FastPathPromise)
}
