public import GRPCCore

/// A call that a ``FastPath`` has answered, or that ended before it could.
public struct FastPathCall: Sendable {
  public var method: MethodDescriptor
  /// The status sent; CANCELLED when the client gave the call up or went away.
  public var code: Status.Code
  /// From the receipt of the request's headers to the answer.
  public var duration: Duration

  /// Creates a call by hand, for the tests of an observer.
  public init(method: MethodDescriptor, code: Status.Code, duration: Duration) {
    self.method = method
    self.code = code
    self.duration = duration
  }
}
