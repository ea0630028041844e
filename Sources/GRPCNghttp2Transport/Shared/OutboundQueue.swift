import GRPCCore
import HTTP2Session
import Synchronization

/// What one side of a call has asked to send, on its way to the stream's event loop.
///
/// Written from any thread. Bytes count from the moment that they are added until HTTP/2 flow control lets them leave,
/// and a writer that goes over the high watermark waits until they are down to the low one. Each message counts what
/// its place takes, too, or a peer that reads nothing could have empty ones pile up.
struct OutboundQueue: ~Copyable, Sendable {
  enum Operation: Sendable {
    case headers([HTTP2Field])
    case message(prefix: HTTP2DataPrefix, [UInt8])
    case end(trailers: HTTP2Section?)
    case reset(HTTP2ErrorCode)
  }

  struct Admission {
    enum Action {
      /// Nothing is queued before: apply it at once.
      case apply
      /// The caller is to have the event loop take the queued operations.
      case schedule
      case none
    }

    var action: Action
    var mustWait: Bool
  }

  typealias Waiter = (id: UInt64, continuation: CheckedContinuation<Void, any Error>)

  // Not private: a type that has a queue as its part needs to know it.
  struct State {
    var operations: [Operation] = []
    var isScheduled = false
    var bytes = 0
    var isEnded = false
    var failure: RPCError?
    var waiters: [Waiter] = []
    var nextWaiterID: UInt64 = 0
  }

  private let state = Mutex(State())
  private let highWatermark: Int

  /// What a message takes besides its bytes, until the last of them has left.
  private static let messageOverhead = 64

  /// Creates a queue whose writers wait while more than `highWatermark` bytes are unsent.
  init(highWatermark: Int) {
    self.highWatermark = highWatermark
  }

  /// Whether the call's last operation was added or the stream is closed.
  var isEnded: Bool {
    self.state.withLock { $0.isEnded || $0.failure != nil }
  }

  /// Whether the stream is closed.
  var isClosed: Bool {
    self.state.withLock { $0.failure != nil }
  }

  /// Adds an operation in order; throws what the stream was closed with, or INTERNAL after its end.
  ///
  /// `canApply` tells that the caller is on the event loop of an open stream.
  func add(_ operation: Operation, canApply: Bool) throws(RPCError) -> Admission {
    let result: Result<Admission, RPCError> = self.state.withLock { state in
      if let failure = state.failure { return .failure(failure) }
      if state.isEnded { return .failure(.afterEnd) }
      switch operation {
      case .message(let prefix, let bytes): state.bytes += Self.size(prefix, bytes)
      case .end, .reset: state.isEnded = true
      case .headers: break
      }
      let mustWait = state.bytes > self.highWatermark
      if canApply, state.operations.isEmpty {
        return .success(Admission(action: .apply, mustWait: mustWait))
      }
      state.operations.append(operation)
      defer { state.isScheduled = true }
      return .success(Admission(action: state.isScheduled ? .none : .schedule, mustWait: mustWait))
    }
    return try result.get()
  }

  /// The headers that the queue starts with; nil without, and once the stream is closed.
  var firstHeaders: [HTTP2Field]? {
    self.state.withLock { state in
      guard state.failure == nil, case .headers(let fields)? = state.operations.first else { return nil }
      return fields
    }
  }

  /// Takes what was queued; on the event loop.
  func takeOperations() -> [Operation] {
    self.state.withLock { state in
      state.isScheduled = false
      defer { state.operations = [] }
      return state.operations
    }
  }

  /// Puts operations that were carried out back before all others, as if they never had been; on the event loop.
  ///
  /// Nothing is scheduled until they are taken.
  func restore(_ operations: [Operation]) {
    self.state.withLock { state in
      state.operations.insert(contentsOf: operations, at: 0)
      state.isScheduled = true
      state.bytes = state.operations.reduce(0) {
        if case .message(let prefix, let bytes) = $1 { $0 + Self.size(prefix, bytes) } else { $0 }
      }
    }
  }

  private static func size(_ prefix: HTTP2DataPrefix, _ bytes: [UInt8]) -> Int {
    prefix.count + bytes.count + self.messageOverhead
  }

  /// Notes that `bytes` left, and with them the last ones of `messages`; on the event loop.
  func sent(_ bytes: Int, messages: Int) {
    let woken = self.state.withLock { state in
      state.bytes -= bytes + messages * Self.messageOverhead
      guard !state.waiters.isEmpty, state.bytes <= self.highWatermark / 2 else { return [Waiter]() }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in woken {
      waiter.continuation.resume()
    }
  }

  /// Makes every later operation, and every writer that waits, fail. Only the first error counts.
  func close(_ error: RPCError) {
    let woken = self.state.withLock { state in
      state.failure = state.failure ?? error
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in woken {
      waiter.continuation.resume(throwing: error)
    }
  }

  /// Waits until the unsent bytes are few; throws what the stream was closed with, or CANCELLED with the task.
  func waitUntilWritable() async throws {
    let id = self.state.withLock { state in
      defer { state.nextWaiterID += 1 }
      return state.nextWaiterID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<Void, any Error>? = self.state.withLock { state in
          if let failure = state.failure { return .failure(failure) }
          if state.bytes <= self.highWatermark { return .success(()) }
          if Task.isCancelled { return .failure(RPCError.writeCancelled) }
          state.waiters.append((id, continuation))
          return nil
        }
        if let outcome {
          continuation.resume(with: outcome)
        }
      }
    } onCancel: {
      let continuation = self.state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
      }
      continuation?.resume(throwing: RPCError.writeCancelled)
    }
  }
}

extension RPCError {
  fileprivate static let afterEnd = RPCError(
    code: .internalError, message: "The call was already finished by this side.")
  fileprivate static let writeCancelled = RPCError(
    code: .cancelled, message: "The task that writes the call was cancelled.", cause: CancellationError())
}
