public import GRPCCore
import HTTP2Session

/// What a ``FastPath`` may know of a request besides its message.
public struct FastPathContext: Sendable {
  private enum Source {
    case fields(HTTP2Fields)
    case metadata(Metadata)
  }

  /// The client at the other end of the connection.
  public var peer: ConnectionPeer
  /// When the caller stops waiting; nil when it waits for ever.
  public var deadline: ContinuousClock.Instant?
  private let source: Source

  /// Creates a context by hand, for the tests of a handler.
  public init(metadata: Metadata = [:], peer: ConnectionPeer, deadline: ContinuousClock.Instant? = nil) {
    self.source = .metadata(metadata)
    self.peer = peer
    self.deadline = deadline
  }

  init(fields: HTTP2Fields, peer: ConnectionPeer, deadline: ContinuousClock.Instant?) {
    self.source = .fields(fields)
    self.peer = peer
    self.deadline = deadline
  }

  /// The request's metadata, the same as a handler's. It is decoded at each use: a call that needs none pays nothing.
  public var metadata: Metadata {
    switch self.source {
    case .fields(let fields): Metadata(fields)
    case .metadata(let metadata): metadata
    }
  }
}
