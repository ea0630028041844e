import NIOCore

/// The one timer of a connection, for whichever of its time limits comes first; used on its event loop only.
///
/// Limits that move away leave it as it is: it then fires for nothing, once, which is cheaper than following them.
struct ConnectionTimer {
  private var scheduled: Scheduled<Void>?
  private var time: NIODeadline?

  /// Has `fire` run at `deadline`, or earlier if that was asked for; `fire` must call ``fired()`` first.
  mutating func arm(
    at deadline: NIODeadline?, on eventLoop: any EventLoop, _ fire: @escaping @Sendable () -> Void
  ) {
    guard let deadline, self.time.map({ deadline < $0 }) ?? true else { return }
    self.scheduled?.cancel()
    self.time = deadline
    self.scheduled = eventLoop.scheduleTask(deadline: deadline, fire)
  }

  mutating func fired() {
    self.scheduled = nil
    self.time = nil
  }

  mutating func cancel() {
    self.scheduled?.cancel()
    self.fired()
  }
}
