import GRPCCore
import HTTP2Session
import NIOCore

/// What the two roles' streams share: credit for what is read, and operations out, on the event loop of their
/// connection.
protocol CallStream: AnyObject, Sendable {
  var connection: SessionHandler { get }
  var outbound: OutboundQueue { get }
  /// The HTTP/2 stream, or nil before it is opened or after it is closed; on the event loop.
  var streamID: Int32? { get }

  /// Runs `body` on the event loop of the connection that the call is on by then; from any thread.
  func execute(_ body: @escaping @Sendable () -> Void)

  /// Has the queued operations carried out; on the event loop.
  func applyQueued()

  /// Carries out one operation; on the event loop.
  func apply(_ operation: OutboundQueue.Operation)
}

extension CallStream {
  /// Sends an operation from any thread, and waits while too many bytes are unsent.
  nonisolated(nonsending) func send(_ operation: OutboundQueue.Operation) async throws {
    if try self.enqueue(operation) {
      try await self.outbound.waitUntilWritable()
    }
  }

  /// Sends an operation from any thread; returns whether the caller should wait before it sends more.
  func enqueue(_ operation: OutboundQueue.Operation) throws(RPCError) -> Bool {
    // Before the stream is opened everything is queued, headers first.
    let canApply = self.connection.eventLoop.inEventLoop && self.streamID != nil
    let admission = try self.outbound.add(operation, canApply: canApply)
    switch admission.action {
    case .apply:
      self.apply(operation)
    case .schedule:
      self.execute { self.applyQueued() }
    case .none:
      break
    }
    return admission.mustWait
  }

  func execute(_ body: @escaping @Sendable () -> Void) {
    self.connection.eventLoop.execute(body)
  }

  func applyQueued() {
    self.applyOperations()
  }

  /// Carries out the queued operations now; on the event loop of an open stream.
  func applyOperations() {
    for operation in self.outbound.takeOperations() {
      self.apply(operation)
    }
  }

  /// Lets the peer send `bytes` more, which were read; from any thread.
  func consumed(_ bytes: Int) {
    if self.connection.eventLoop.inEventLoop {
      self.openWindow(bytes)
    } else {
      self.execute { self.openWindow(bytes) }
    }
  }

  /// Lets the peer send `bytes` more on the stream; on the event loop.
  func openWindow(_ bytes: Int) {
    guard bytes > 0, let streamID = self.streamID else { return }
    self.connection.perform { session throws(HTTP2Error) in
      try session.consumeStream(streamID, count: bytes)
    }
  }
}
