public import GRPCCore
import Synchronization

/// The answer to one call that a ``FastPath`` gives later, from any thread.
///
/// A handler makes one, gives it to whoever will find the answer, and returns it as ``FastPathAnswer/later(_:)``. That
/// costs this object and no task or stream. Meanwhile the call counts as open, its request is kept, and its deadline is
/// watched; how the answer is found must not rely on either. A promise may be completed before its handler returns, and
/// after its call is over, which changes nothing any more.
///
/// Who holds a promise is the one who will complete it, as the transport doesn't hold it: when it is let go without
/// having been completed, its call falls through, so that no call waits for an answer that nobody can give.
///
/// It is for one call. A second one that it is returned for falls through.
public final class FastPathPromise: Sendable {
  /// What becomes of a call that waits.
  public enum Completion: Sendable {
    /// The serialized response message; its metadata is empty and its status OK.
    case reply([UInt8])
    /// The call fails with this code, message and metadata.
    case error(RPCError)
    /// The ordinary handler answers the request, of which nothing is lost, within what is left of its deadline.
    case fallThrough
  }

  /// Hears of a promise's completion.
  public typealias Waiter = @Sendable (_ completion: Completion) -> Void

  private enum State {
    case open
    case awaited(Waiter)
    case completed(Completion)
    /// Completed, and who waited was told.
    case over
  }

  private let state = Mutex(State.open)
  /// Whether something goes on for the call after it was given up.
  let outlivesCall: Bool

  /// Creates a promise for one call.
  ///
  /// - Parameter outlivesCall: Whether the work for the call goes on when it is given up, so that it counts among the
  ///   handlers of abandoned calls until it is completed; false where it is bounded by other means, such as a look-up
  ///   that many calls share.
  public init(outlivesCall: Bool = true) {
    self.outlivesCall = outlivesCall
  }

  deinit {
    self.complete(with: .fallThrough)
  }

  /// Answers the call, from any thread. It takes no time to speak of: the answer is sent by the event loop of the
  /// call's connection, together with others that are completed meanwhile.
  ///
  /// - Returns: Whether this is the first completion: no other counts.
  @discardableResult
  public func complete(with completion: Completion) -> Bool {
    let (isFirst, waiter): (Bool, Waiter?) = self.state.withLock { state in
      switch state {
      case .open:
        state = .completed(completion)
        return (true, nil)
      case .awaited(let waiter):
        state = .over
        return (true, waiter)
      case .completed, .over:
        return (false, nil)
      }
    }
    waiter?(completion)
    return isFirst
  }

  /// Has `waiter` told of the completion: at once when there is one, else by the thread that completes it.
  ///
  /// For the tests of a handler; the transport waits for the promises that it is given by itself. Only one may wait: a
  /// second is told ``Completion/fallThrough`` at once.
  public func notify(_ waiter: @escaping Waiter) {
    if let completion = self.wait(waiter) {
      waiter(completion)
    }
  }

  /// Has `waiter` told of the completion, unless there is one already, which is returned.
  func wait(_ waiter: @escaping Waiter) -> Completion? {
    self.state.withLock { state in
      switch state {
      case .open:
        state = .awaited(waiter)
        return nil
      case .completed(let completion):
        state = .over
        return completion
      case .awaited, .over:
        return .fallThrough
      }
    }
  }
}
