public import GRPCCore
import HTTP2Session

/// A call that a ``FastPath`` has answered, or that ended before it could.
public struct FastPathCall: Sendable {
  public var method: MethodDescriptor
  /// The status sent; CANCELLED when the client gave the call up or went away.
  public var code: Status.Code
  /// From the receipt of the request's headers to the answer.
  public var duration: Duration
  /// The error that the call failed with, its cause included; nil when it succeeded or was given up.
  public var error: RPCError?
  private let fields: HTTP2Fields?

  /// Creates a call by hand, for the tests of an observer.
  public init(method: MethodDescriptor, code: Status.Code, duration: Duration, error: RPCError? = nil) {
    self.init(method: method, code: code, duration: duration, error: error, fields: nil)
  }

  init(method: MethodDescriptor, code: Status.Code, duration: Duration, error: RPCError?, fields: HTTP2Fields?) {
    self.method = method
    self.code = code
    self.duration = duration
    self.error = error
    self.fields = fields
  }

  /// The request's metadata, for as long as the observer runs. It is decoded at each use.
  public var metadata: Metadata {
    self.fields.map { Metadata($0) } ?? [:]
  }
}
