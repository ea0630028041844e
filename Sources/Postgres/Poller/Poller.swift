import CLibPQ
import Glibc
import Logging

/// The thread that owns epoll and every connection. Nothing else calls libpq, except to read results.
///
/// Sendable: after `start()` only that thread uses the properties.
final class Poller: @unchecked Sendable {
  let inbox: Inbox
  let configuration: Database.Configuration
  let logger: Logger
  let epoll: Int32
  let readConnections: [PooledConnection]
  let writeConnections: [PooledConnection]
  let exclusiveConnections: [PooledConnection]
  let listenConnection: PooledConnection
  let connections: [PooledConnection]

  var reads = LaneQueue()
  var writes = LaneQueue()
  /// Transactions and exclusive statements that wait for a connection.
  var exclusives = FIFO<Request>()
  var listener = Listener()
  /// The time at which this round began.
  var now = MonotonicTime.now
  /// The time at which running statements are given up; `nil` until the database is closing.
  var closeDeadline: MonotonicTime?

  private static let wakeKey = UInt64.max

  init(
    inbox: Inbox, parameters: ConnectionParameters, configuration: Database.Configuration, logger: Logger
  ) throws(PostgresError) {
    self.inbox = inbox
    self.configuration = configuration
    self.logger = logger
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    if epoll < 0 {
      throw PostgresError(.configuration, "epoll_create1 failed (errno \(errno)): raise the limit of open files")
    }
    self.epoll = epoll
    var connections: [PooledConnection] = []
    func add(_ lane: Lane) -> PooledConnection {
      let added = PooledConnection(
        lane: lane, index: connections.count, parameters: parameters, configuration: configuration, logger: logger,
        epoll: epoll)
      connections.append(added)
      return added
    }
    readConnections = (0..<configuration.readConnections).map { _ in add(.read) }
    writeConnections = [add(.write)]
    exclusiveConnections = (0..<configuration.exclusiveConnections).map { _ in add(.exclusive) }
    listenConnection = add(.listen)
    self.connections = connections
  }

  deinit {
    Glibc.close(epoll)
  }

  /// Starts the thread, which keeps the poller alive until the inbox is closed.
  func start() throws(PostgresError) {
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.wakeKey))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, inbox.eventDescriptor, &event) == 0 else {
      throw PostgresError(.configuration, "epoll_ctl failed (errno \(errno))")
    }
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        pthread_setname_np(pthread_self(), "postgres")
        Unmanaged<Poller>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      throw PostgresError(.configuration, "pthread_create failed (errno \(status))")
    }
    pthread_detach(thread)
  }

  private func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    var arrived: [Request] = []
    while true {
      let mayWait = inbox.prepareToSleep(closing: closeDeadline != nil)
      look(until: mayWait ? nextDeadline() : .past, &events)
      if inbox.take(into: &arrived), closeDeadline == nil { beginClosing() }
      // Sockets first: nothing must be sent on a connection that is gone, and one may have ended since they were looked
      // at. A read would be sent again; of anything else nobody would know the outcome.
      if arrived.contains(where: { !$0.isRead }) { look(until: .past, &events) }
      for request in arrived { accept(request) }
      arrived.removeAll(keepingCapacity: true)
      checkDeadlines()
      dispatch()
      if isDone { break }
    }
    finishClosing()
  }

  /// Waits for the sockets and the inbox, and does what they ask for.
  private func look(until deadline: MonotonicTime, _ events: inout [epoll_event]) {
    let count = wait(until: deadline, &events)
    now = .now
    for event in events.prefix(Int(max(0, count))) { handle(event) }
  }

  private func wait(until deadline: MonotonicTime, _ events: inout [epoll_event]) -> Int32 {
    if deadline == .distantFuture { return epoll_wait(epoll, &events, Int32(events.count), -1) }
    var interval = deadline.interval(since: deadline == .past ? deadline : .now)
    let count = epoll_pwait2(epoll, &events, Int32(events.count), &interval, nil)
    if count >= 0 || errno != ENOSYS { return count }
    // A kernel before 5.11, or a sandbox without the call: milliseconds, rounded up.
    let milliseconds = (Int64(interval.tv_sec) * 1_000_000_000 + Int64(interval.tv_nsec) + 999_999) / 1_000_000
    return epoll_wait(epoll, &events, Int32(events.count), Int32(clamping: milliseconds))
  }

  private func handle(_ event: epoll_event) {
    if event.data.u64 == Self.wakeKey {
      var count: eventfd_t = 0
      _ = eventfd_read(inbox.eventDescriptor, &count)
      return
    }
    let connection = connections[Int(event.data.u64)]
    switch connection.phase {
    case .down: break
    case .connecting: connection.continueConnecting(now)
    case .settingUp: connection.continueSettingUp(now)
    case .ready:
      let isAlive = connection.exchange(now)
      deliverNotifications()
      let ended = connection.ended
      connection.ended = []
      for batch in ended { settle(batch, of: connection) }
      if connection.lane == .write, !connection.isBusy, !ended.isEmpty {
        writes.noteAnswers(ended.reduce(0) { $0 + $1.requests.count }, sent: connection.sentAt, now: now)
      }
      if !isAlive { lose(connection) } else if !connection.isBusy { checkIdle(connection) }
    }
  }

  /// Answers a request, once.
  func answer(_ request: Request, _ result: Result<PostgresRows, PostgresError>) {
    inbox.noteAnswer()
    request.finish(result)
  }
}
