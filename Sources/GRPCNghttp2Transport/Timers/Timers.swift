package import NIOCore
import NIOPosix
import Synchronization

/// Timers for any number of calls, from any thread: setting and cancelling one takes constant time, and a cancelled one
/// leaves nothing behind.
///
/// That is why calls use no `Task.sleep`: Swift keeps a sleep that was cancelled until its time is over, which makes
/// memory grow with the calls of the last minutes (swiftlang/swift issue 60441), and SwiftNIO's scheduled tasks are
/// searched one by one to cancel one.
package final class Timers: Sendable {
  /// What is done when a timer fires: on an event loop, so it must not block nor compute.
  package typealias Action = @Sendable () -> Void

  /// A timer that was set, to cancel it by.
  package struct Timer: Sendable {
    fileprivate let timers: Timers
    fileprivate let id: TimerWheel<Action>.ID

    /// Sees to it that the action isn't begun any more. It may have been, on another thread.
    package func cancel() {
      self.timers.cancel(self.id)
    }
  }

  private struct State {
    var wheel: TimerWheel<Action>
    /// When the event loop looks at the wheel next; nil while it won't.
    var wakeUp: (tick: UInt64, scheduled: Scheduled<Void>)?
  }

  /// For work that belongs to no connection.
  package static let shared = Timers()
  /// Several, so that the connections of many event loops don't wait for one lock.
  private static let all = (0..<max(System.coreCount, 1)).map { _ in Timers() }

  private static let tickNanoseconds: UInt64 = 1_000_000

  private let eventLoop: any EventLoop
  private let state: Mutex<State>

  package init() {
    self.eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    self.state = Mutex(State(wheel: TimerWheel(now: NIODeadline.now().uptimeNanoseconds / Self.tickNanoseconds)))
  }

  /// The timers for the connections of an event loop.
  package static func of(_ eventLoop: any EventLoop) -> Timers {
    self.all[Int(UInt(bitPattern: ObjectIdentifier(eventLoop).hashValue) % UInt(self.all.count))]
  }

  /// The timers that are set.
  package var count: Int { self.state.withLock { $0.wheel.count } }

  /// Has `action` run at `deadline`, or up to two milliseconds later, once.
  package func set(at deadline: NIODeadline, _ action: @escaping Action) -> Timer {
    // Rounded up: a timer is never early.
    let tick = deadline.uptimeNanoseconds / Self.tickNanoseconds + 1
    let id = self.state.withLock { state in
      let id = state.wheel.add(action, at: tick)
      self.wake(&state)
      return id
    }
    return Timer(timers: self, id: id)
  }

  /// Has `action` run once `duration` is over.
  package func set(after duration: Duration, _ action: @escaping Action) -> Timer {
    self.set(at: .now() + TimeAmount(clamping: duration), action)
  }

  private func cancel(_ id: TimerWheel<Action>.ID) {
    // Outside the lock goes what the action held.
    _ = self.state.withLock { $0.wheel.remove(id) }
  }

  /// Has the event loop look at the wheel by its next tick. An earlier look that was arranged for may be for nothing.
  private func wake(_ state: inout State) {
    guard let tick = state.wheel.nextTick, state.wakeUp.map({ tick < $0.tick }) ?? true else { return }
    state.wakeUp?.scheduled.cancel()
    let (nanoseconds, overflows) = tick.multipliedReportingOverflow(by: Self.tickNanoseconds)
    let deadline: NIODeadline =
      overflows || nanoseconds > UInt64(Int64.max) ? .distantFuture : .uptimeNanoseconds(nanoseconds)
    state.wakeUp = (tick, self.eventLoop.scheduleTask(deadline: deadline) { self.fire(tick) })
  }

  private func fire(_ tick: UInt64) {
    let due = self.state.withLock { state in
      // Another look may have been arranged for since this one became due.
      if state.wakeUp?.tick == tick { state.wakeUp = nil }
      let due = state.wheel.takeDue(upTo: NIODeadline.now().uptimeNanoseconds / Self.tickNanoseconds)
      self.wake(&state)
      return due
    }
    for action in due { action() }
  }
}

extension Timers {
  /// Waits until `deadline`; throws `CancellationError` as soon as the task is cancelled, and leaves no trace then.
  package func sleep(until deadline: NIODeadline) async throws {
    let sleeper = Sleeper()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let timer = self.set(at: deadline) { sleeper.end() }
        sleeper.begin(continuation, timer)
      }
    } onCancel: {
      sleeper.cancel()
    }
  }

  /// Waits for `duration`; throws `CancellationError` as soon as the task is cancelled, and leaves no trace then.
  package func sleep(for duration: Duration) async throws {
    try await self.sleep(until: .now() + TimeAmount(clamping: duration))
  }

  /// One task that waits: whichever comes first of the timer and the cancellation ends it, even before it waits.
  private final class Sleeper: Sendable {
    private enum State {
      case new
      case waiting(CheckedContinuation<Void, any Error>, Timer)
      case ended(Result<Void, any Error>)
    }

    private let state = Mutex(State.new)

    func begin(_ continuation: CheckedContinuation<Void, any Error>, _ timer: Timer) {
      let result: Result<Void, any Error>? = self.state.withLock { state in
        if case .ended(let result) = state { return result }
        state = .waiting(continuation, timer)
        return nil
      }
      guard let result else { return }
      timer.cancel()
      continuation.resume(with: result)
    }

    func end() {
      self.finish(.success(()))?.0.resume()
    }

    func cancel() {
      guard let (continuation, timer) = self.finish(.failure(CancellationError())) else { return }
      timer.cancel()
      continuation.resume(throwing: CancellationError())
    }

    private func finish(_ result: Result<Void, any Error>) -> (CheckedContinuation<Void, any Error>, Timer)? {
      self.state.withLock { state in
        defer { if case .ended = state {} else { state = .ended(result) } }
        if case .waiting(let continuation, let timer) = state { return (continuation, timer) }
        return nil
      }
    }
  }
}
