import Glibc
import Logging
import Synchronization

/// The processor time of a thread: the first one that logs.
final class ThreadClock: Sendable {
  private let clock = Mutex<clockid_t?>(nil)

  /// Takes the calling thread, if there is none yet.
  func start() {
    clock.withLock { clock in
      guard clock == nil else { return }
      var id = clockid_t()
      if pthread_getcpuclockid(pthread_self(), &id) == 0 { clock = id }
    }
  }

  /// What it has used so far; nil when nothing was logged or the thread has ended.
  var time: Duration? {
    clock.withLock { clock in
      var time = timespec()
      guard let clock, clock_gettime(clock, &time) == 0 else { return nil }
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
  }
}

/// Starts a clock.
struct ThreadClockHandler: LogHandler {
  let clock: ThreadClock
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.warning

  init(clock: ThreadClock) {
    self.clock = clock
  }

  func log(event: LogEvent) {
    clock.start()
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
}
