package import GRPCCore
import Synchronization

/// The received parts of one stream, filled on its event loop and emptied by the one task that reads them, or by
/// the event loop itself where there is none.
///
/// It also decides when the peer may send more. While complete messages wait, only what is read is given back, so at
/// most a stream window and one message are held; once none waits, everything is, the start of an incomplete message
/// included.
///
/// A server's connection has a budget besides, for all of its calls. A call counts there for what its request holds in
/// memory beyond a little, from when it comes until the reader takes the part after it, or the queue is gone: GRPCCore
/// keeps the message of a unary request while it waits for the end.
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
    var memory = RequestMemory()
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
  private let budget: ConnectionBudget?
  /// What the budget counts of it. It changes under the lock only, and is read without it at the end.
  private let counted = Atomic<Int>(0)

  /// Creates a queue for a stream whose receive window is `windowBytes`; without a budget anything may be held.
  package init(windowBytes: Int, budget: ConnectionBudget? = nil) {
    self.budget = budget
    // Small credits are kept back to save hops to the event loop. An eighth of the window leaves room enough that
    // neither they nor what HTTP/2 itself keeps back, at most a half, can ever be all of it.
    self.state = Mutex(State(smallestCredit: windowBytes / 8))
  }

  deinit {
    let counted = self.counted.load(ordering: .relaxed)
    if counted > 0 {
      self.budget?.give(counted)
    }
  }

  /// Adds a part that takes no payload.
  package func add(_ part: InboundPart) {
    self.state.withLock { $0.put(part, bytes: 0) }?.continuation.resume(returning: part)
  }

  /// Adds a request's metadata, which takes `memory` bytes; throws RESOURCE_EXHAUSTED when the budget has no room for
  /// it.
  package func add(_ metadata: Metadata, memory: Int) throws(RPCError) {
    let (reader, refusal) = self.state.withLock { state in
      state.memory.metadata = memory
      return (state.put(.metadata(metadata), bytes: 0), self.count(&state.memory))
    }
    reader?.continuation.resume(returning: .metadata(metadata))
    if let refusal { throw refusal }
  }

  /// Adds `messages`, which `receivedBytes` of payload completed, and returns how many bytes the peer may replace now.
  package func add(_ messages: [MessageDeframer.Message], receivedBytes: Int) -> Int {
    self.put(messages, receivedBytes, 0).credit
  }

  /// As above, and counts the memory of the message that follows.
  ///
  /// Throws RESOURCE_EXHAUSTED when the budget has no room, after which the queue is to fail.
  package func add(
    _ messages: [MessageDeframer.Message], receivedBytes: Int, incompleteBytes: Int
  ) throws(RPCError) -> Int {
    let (credit, refusal) = self.put(messages, receivedBytes, incompleteBytes)
    if let refusal { throw refusal }
    return credit
  }

  private func put(
    _ messages: [MessageDeframer.Message], _ receivedBytes: Int, _ incompleteBytes: Int
  ) -> (credit: Int, refusal: RPCError?) {
    var wake: (reader: Reader, part: InboundPart)?
    let result = self.state.withLock { state in
      guard state.end == nil else { return (credit: receivedBytes, refusal: nil as RPCError?) }
      state.unconsumed += receivedBytes
      state.memory.incomplete = incompleteBytes
      for message in messages {
        let part = InboundPart.message(message.bytes, isCompressed: message.isCompressed)
        if let reader = state.put(part, bytes: message.bytes.count + MessageFraming.prefixLength) {
          wake = (reader, part)
        }
      }
      return (state.isEmpty ? state.takeCredit(.max) : 0, self.count(&state.memory))
    }
    if let wake {
      wake.reader.continuation.resume(returning: wake.part)
    }
    return result
  }

  /// Counts `bytes` of a message that is being restored from what was read last, before they are there.
  ///
  /// Throws RESOURCE_EXHAUSTED when the budget has no room for them.
  package func restoring(_ bytes: Int) throws(RPCError) {
    let refusal = self.state.withLock { state in
      state.memory.restored = bytes
      return self.count(&state.memory)
    }
    if let refusal { throw refusal }
  }

  /// What was read last is restored, and no longer held as it came.
  package func restored() {
    self.state.withLock { state in
      state.memory.read = 0
      _ = self.count(&state.memory)
    }
  }

  /// Whether the peer is waited for: the reader waits for a part, or a part of a message came and nothing can be read.
  package var awaitsPeer: Bool {
    self.state.withLock { $0.isEmpty && ($0.reader != nil || $0.memory.incomplete > 0) }
  }

  /// Ends the sequence after the parts already added; only the first end counts.
  package func finish(throwing error: RPCError? = nil) {
    let reader = self.state.withLock { state in
      guard state.end == nil else { return nil as Reader? }
      state.end = error.map { .failed($0) } ?? .finished
      state.memory.incomplete = 0
      defer { _ = self.count(&state.memory) }
      return state.takeReader()
    }
    if let error {
      reader?.continuation.resume(throwing: error)
    } else {
      reader?.continuation.resume(returning: nil)
    }
  }

  /// Ends the sequence at once: messages that wait are dropped. An earlier end counts unless there were such messages.
  package func fail(_ error: RPCError) {
    let reader = self.state.withLock { state in
      let hasDropped = state.dropMessages()
      if state.end == nil || hasDropped {
        state.end = .failed(error)
      }
      state.memory.incomplete = 0
      defer { _ = self.count(&state.memory) }
      return state.takeReader()
    }
    reader?.continuation.resume(throwing: error)
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
    switch self.take() {
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
          defer { _ = self.count(&state.memory) }
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

  private func take() -> Taken {
    self.state.withLock { state in
      let taken = state.take()
      _ = self.count(&state.memory)
      return taken
    }
  }

  /// Tells the budget what is held now; returns why it refuses more, if it does. The lock must be held.
  private func count(_ memory: inout RequestMemory) -> RPCError? {
    guard let budget = self.budget else { return nil }
    let bytes = max(0, memory.total - OpenCallBytes.freeBytes)
    let counted = self.counted.load(ordering: .relaxed)
    guard bytes != counted else { return nil }
    if bytes < counted {
      budget.give(counted - bytes)
    } else {
      do throws(RPCError) {
        try budget.take(bytes - counted)
      } catch {
        return error
      }
    }
    self.counted.store(bytes, ordering: .relaxed)
    return nil
  }
}

extension InboundQueue.State {
  /// How many parts there may be before their memory is given back.
  private static var keptParts: Int { 64 }

  fileprivate mutating func take() -> InboundQueue.Taken {
    if let (part, bytes) = self.popFirst() {
      let held = part.heldBytes
      self.memory.waiting -= held
      self.memory.hand(over: held)
      return .part(part, credit: self.creditAfterReading(bytes))
    }
    guard let end = self.end else { return .nothing }
    self.memory.hand(over: 0)
    return .end(end)
  }

  /// Takes the task that waits, which is to get the end.
  fileprivate mutating func takeReader() -> InboundQueue.Reader? {
    guard let reader = self.reader.take() else { return nil }
    self.memory.hand(over: 0)
    return reader
  }

  /// Drops the messages that wait; returns whether there were any.
  fileprivate mutating func dropMessages() -> Bool {
    guard self.memory.waiting > 0 else { return false }
    self.memory.waiting = 0
    self.parts = self.parts[self.head...].filter { if case .metadata = $0.part { true } else { false } }
    self.head = 0
    return true
  }

  /// Adds a part, unless a reader waits, who is returned and is to get it.
  fileprivate mutating func put(_ part: InboundPart, bytes: Int) -> InboundQueue.Reader? {
    guard self.end == nil else { return nil }
    let held = part.heldBytes
    if let reader = self.reader.take() {
      self.memory.hand(over: held)
      return reader
    }
    self.memory.waiting += held
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
      self.parts.removeAll(keepingCapacity: self.parts.capacity <= Self.keptParts)
      self.head = 0
    } else if self.head >= Self.keptParts, self.head >= self.parts.count / 2 {
      // An array of their own: that of a flood would be much to keep for those that are left.
      self.parts = Array(self.parts[self.head...])
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
    code: .cancelled, message: "The task that reads the call was cancelled.", cause: CancellationError())
  fileprivate static let twoReaders = RPCError(code: .internalError, message: "A stream can have one reader only.")
}
