package import GRPCCore
import Synchronization

/// The received parts of one stream, filled on its event loop and emptied by the one task that reads them.
///
/// It also decides when the peer may send more. While complete messages wait, only what is read is given back, so at most
/// a stream window and one message are held; once none waits, everything is, the start of an incomplete message included.
package struct InboundQueue: ~Copyable, Sendable {
  // Not private: a type that has a queue as its part needs to know it.
  struct State {
    let smallestCredit: Int
    /// The parts that wait, behind ``head`` ones that were read.
    var parts: [(part: InboundPart?, bytes: Int)] = []
    var head = 0
    /// Payload bytes that arrived and that the peer hasn't been told to replace.
    var unconsumed = 0
    var end: End?
    var reader: Reader?
  }

  /// A task that waits for a part.
  ///
  /// A class, because the size of a continuation is known at run time only, and so would be that of every stream: each
  /// access to a part of one would have to look it up.
  final class Reader: Sendable {
    let continuation: CheckedContinuation<InboundPart?, any Error>

    init(_ continuation: CheckedContinuation<InboundPart?, any Error>) {
      self.continuation = continuation
    }
  }

  enum End {
    case finished
    case failed(RPCError)
  }

  fileprivate enum Taken {
    case part(InboundPart, credit: Int)
    case end(End)
    case nothing
  }

  private let state: Mutex<State>

  /// Creates a queue for a stream whose receive window is `windowBytes`.
  package init(windowBytes: Int) {
    // Small credits are kept back to save hops to the event loop. An eighth of the window leaves room enough that
    // neither they nor what HTTP/2 itself keeps back, at most a half, can ever be all of it.
    self.state = Mutex(State(smallestCredit: windowBytes / 8))
  }

  /// Adds a part that takes no payload.
  package func add(_ part: InboundPart) {
    self.state.withLock { $0.put(part, bytes: 0) }?.continuation.resume(returning: part)
  }

  /// Adds `messages`, which `receivedBytes` of payload completed, and returns how many bytes the peer may replace now.
  package func add(_ messages: [MessageDeframer.Message], receivedBytes: Int) -> Int {
    var wake: (reader: Reader, part: InboundPart)?
    let credit = self.state.withLock { state in
      guard state.end == nil else { return receivedBytes }
      state.unconsumed += receivedBytes
      for message in messages {
        let part = InboundPart.message(message.bytes, isCompressed: message.isCompressed)
        if let reader = state.put(part, bytes: message.bytes.count + MessageFraming.prefixLength) {
          wake = (reader, part)
        }
      }
      return state.isEmpty ? state.takeCredit(.max) : 0
    }
    if let wake {
      wake.reader.continuation.resume(returning: wake.part)
    }
    return credit
  }

  /// Ends the sequence after the parts already added; only the first end counts.
  package func finish(throwing error: RPCError? = nil) {
    let reader = self.state.withLock { state in
      guard state.end == nil else { return nil as Reader? }
      state.end = error.map { .failed($0) } ?? .finished
      defer { state.reader = nil }
      return state.reader
    }
    if let error {
      reader?.continuation.resume(throwing: error)
    } else {
      reader?.continuation.resume(returning: nil)
    }
  }

  /// Waits for the next part, and tells `consumed` how many bytes the peer may replace.
  ///
  /// Throws what the stream failed with, or CANCELLED when the task is cancelled while nothing is there.
  package func next(consumed: (Int) -> Void) async throws -> InboundPart? {
    if let part = try self.nextNow(consumed: consumed) { return part }
    return try await self.wait(consumed: consumed)
  }

  /// What ``next(consumed:)`` returns or throws without waiting; the outer optional is nil when it would have to wait.
  package func nextNow(consumed: (Int) -> Void) throws(RPCError) -> InboundPart?? {
    switch self.state.withLock({ $0.take() }) {
    case .part(let part, let credit):
      if credit > 0 {
        consumed(credit)
      }
      return part
    case .end(.finished):
      return .some(nil)
    case .end(.failed(let error)):
      throw error
    case .nothing:
      return nil
    }
  }

  /// What ``next(consumed:)`` does after it found nothing; a part may have come since.
  package func wait(consumed: (Int) -> Void) async throws -> InboundPart? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        var owed = 0
        let outcome: Result<InboundPart?, any Error>? = self.state.withLock { state in
          switch state.take() {
          case .part(let part, let credit):
            owed = credit
            return .success(part)
          case .end(.finished): return .success(nil)
          case .end(.failed(let error)): return .failure(error)
          case .nothing: break
          }
          // Cancellation sets the flag before it runs the handler below, so that one of the two sees the other.
          if Task.isCancelled { return .failure(RPCError.readCancelled) }
          if state.reader != nil { return .failure(RPCError.twoReaders) }
          state.reader = Reader(continuation)
          return nil
        }
        if owed > 0 {
          consumed(owed)
        }
        if let outcome {
          continuation.resume(with: outcome)
        }
      }
    } onCancel: {
      let reader = self.state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.continuation.resume(throwing: RPCError.readCancelled)
    }
  }
}

extension InboundQueue.State {
  fileprivate mutating func take() -> InboundQueue.Taken {
    if let (part, bytes) = self.popFirst() {
      return .part(part, credit: self.creditAfterReading(bytes))
    }
    return self.end.map { .end($0) } ?? .nothing
  }

  /// Adds a part, unless a reader waits, who is returned and is to get it.
  fileprivate mutating func put(_ part: InboundPart, bytes: Int) -> InboundQueue.Reader? {
    guard self.end == nil else { return nil }
    if let reader = self.reader.take() { return reader }
    if self.parts.isEmpty {
      // The metadata and the message of a unary call.
      self.parts.reserveCapacity(2)
    }
    self.parts.append((part, bytes))
    return nil
  }

  fileprivate var isEmpty: Bool { self.head == self.parts.count }

  private mutating func popFirst() -> (InboundPart, Int)? {
    guard self.head < self.parts.count, let part = self.parts[self.head].part else { return nil }
    let bytes = self.parts[self.head].bytes
    self.parts[self.head].part = nil
    self.head += 1
    if self.isEmpty {
      self.parts.removeAll(keepingCapacity: true)
      self.head = 0
    } else if self.head >= 64, self.head >= self.parts.count / 2 {
      self.parts.removeFirst(self.head)
      self.head = 0
    }
    return (part, bytes)
  }

  private mutating func creditAfterReading(_ bytes: Int) -> Int {
    // Nothing more will come: no window to open.
    guard self.end == nil else { return 0 }
    let credit = self.isEmpty ? self.unconsumed : min(self.unconsumed, bytes)
    return credit >= self.smallestCredit ? self.takeCredit(credit) : 0
  }

  fileprivate mutating func takeCredit(_ limit: Int) -> Int {
    let credit = min(self.unconsumed, limit)
    self.unconsumed -= credit
    return credit
  }
}

extension RPCError {
  fileprivate static let readCancelled = RPCError(
    code: .cancelled, message: "The task that reads the call was cancelled.")
  fileprivate static let twoReaders = RPCError(code: .internalError, message: "A stream can have one reader only.")
}
