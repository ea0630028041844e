public import GRPCCore
import HTTP2Session
import NIOCore

/// What a ``FastPath`` may know of a request besides its message.
public struct FastPathContext: Sendable {
  private enum Source {
    case request(HTTP2Fields, deadline: NIODeadline?)
    case example(Example)
  }

  /// The metadata and the deadline of a request that isn't one. A class, so that they needn't be passed with each call.
  private final class Example: Sendable {
    let metadata: Metadata
    let deadline: ContinuousClock.Instant?

    init(metadata: Metadata, deadline: ContinuousClock.Instant?) {
      self.metadata = metadata
      self.deadline = deadline
    }
  }

  /// The client at the other end of the connection.
  public let peer: ConnectionPeer
  private let source: Source

  /// Creates a context by hand, for the tests of a handler.
  public init(metadata: Metadata = [:], peer: ConnectionPeer, deadline: ContinuousClock.Instant? = nil) {
    self.source = .example(Example(metadata: metadata, deadline: deadline))
    self.peer = peer
  }

  init(fields: HTTP2Fields, peer: ConnectionPeer, deadline: NIODeadline?) {
    self.source = .request(fields, deadline: deadline)
    self.peer = peer
  }

  /// When the caller stops waiting; nil when it waits for ever. It is found at each use.
  public var deadline: ContinuousClock.Instant? {
    switch self.source {
    case .request(_, let deadline): deadline.map { ContinuousClock.Instant($0) }
    case .example(let example): example.deadline
    }
  }

  /// The request's metadata, the same as a handler's. It is decoded at each use: a call that needs none pays nothing.
  public var metadata: Metadata {
    switch self.source {
    case .request(let fields, _): Metadata(fields)
    case .example(let example): example.metadata
    }
  }
}
