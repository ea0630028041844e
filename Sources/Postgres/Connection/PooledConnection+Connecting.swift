import CLibPQ
import Glibc
import Logging

extension PooledConnection {
  /// Begins to connect, unless it is connected already, connecting, or waiting for the next attempt.
  func connectIfDue(_ now: MonotonicTime) {
    guard case .down(let retryAt) = phase, retryAt <= now else { return }
    handle = parameters.startConnecting(firstHost: firstHost)
    phase = .connecting(deadline: now + configuration.connectTimeout)
    guard let raw = handle?.raw, PQstatus(raw) != CONNECTION_BAD else { return connectingFailed(now) }
    receiveNotices(raw)
    // As after PGRES_POLLING_WRITING (libpq, 34.1: PQconnectPoll).
    watch(raw, EPOLLOUT.rawValue)
  }

  /// Takes the next step of the handshake, when the socket is ready for it.
  func continueConnecting(_ now: MonotonicTime) {
    guard let raw = handle?.raw else { return }
    switch PQconnectPoll(raw) {
    case PGRES_POLLING_READING: watch(raw, EPOLLIN.rawValue)
    case PGRES_POLLING_WRITING: watch(raw, EPOLLOUT.rawValue)
    case PGRES_POLLING_OK: beginSettingUp(raw, now)
    default: connectingFailed(now)
    }
  }

  private func beginSettingUp(_ raw: OpaquePointer, _ now: MonotonicTime) {
    guard case .connecting(let deadline) = phase else { return }
    watch(raw, EPOLLIN.rawValue)
    guard PQsetnonblocking(raw, 1) == 0, PQsendQuery(raw, settings.setUp(backend: PQbackendPID(raw))) == 1, flush(raw)
    else { return connectingFailed(now) }
    phase = .settingUp(deadline: deadline)
  }

  /// Reads the answer to the first query, when the socket is readable or has room.
  func continueSettingUp(_ now: MonotonicTime) {
    guard let raw = handle?.raw else { return }
    let isOpen = PQconsumeInput(raw) == 1 && (!watchesWritable || flush(raw))
    // An error that arrived before the end of the connection is read in any case: it says why.
    while PQisBusy(raw) == 0 {
      guard let result = PQgetResult(raw) else { return isOpen ? setUp(raw, now) : connectingFailed(now) }
      defer { PQclear(result) }
      guard PQresultStatus(result) == PGRES_TUPLES_OK else { return connectingFailed(now) }
      isBehindPooler = PQgetvalue(result, 0, 0)?.pointee == CChar(UInt8(ascii: "t"))
    }
    if !isOpen { connectingFailed(now) }
  }

  private func setUp(_ raw: OpaquePointer, _ now: MonotonicTime) {
    guard PQenterPipelineMode(raw) == 1 else { return connectingFailed(now) }
    phase = .ready
    failure = nil
    logger.debug(
      "connected to PostgreSQL",
      metadata: ["lane": "\(lane)", "connection": "\(index)", "through_pooler": "\(isBehindPooler)"])
  }

  /// Gives up an attempt that took too long.
  func connectingTimedOut(_ now: MonotonicTime) {
    firstHost += 1
    fail("the server did not answer in time", now)
  }

  private func connectingFailed(_ now: MonotonicTime) {
    guard let raw = handle?.raw else { return fail("no memory for a connection", now) }
    fail(ConnectionFailure.reason(in: PQerrorMessage(raw)) ?? "could not connect", now)
  }

  private func fail(_ reason: String, _ now: MonotonicTime) {
    handle = nil
    watchesWritable = false
    let delay = backoff.next()
    phase = .down(retryAt: now + delay)
    if failure != reason {
      logger.warning("can't connect to PostgreSQL", metadata: ["reason": "\(reason)", "lane": "\(lane)"])
    }
    failure = reason
  }

  /// Closes the connection and forgets everything that belonged to it. Returns the batches that were running.
  func disconnect(_ now: MonotonicTime) -> [Batch] {
    handle = nil
    // Idle connections are lost in a restart too: the first attempt is immediate, only failures wait.
    phase = .down(retryAt: now)
    cache.removeAll()
    _ = steps.drain()
    stepHasResult = false
    watchesWritable = false
    endReason = nil
    ended = []
    notified = []
    outstanding = 0
    return batches.drain()
  }

  /// Registers the socket with epoll. libpq may have changed sockets, even to one of the same number, so there is no
  /// memory of what was registered.
  func watch(_ raw: OpaquePointer, _ interest: UInt32) {
    var event = epoll_event(events: interest, data: epoll_data_t(u64: UInt64(index)))
    let socket = PQsocket(raw)
    if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
      _ = epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
    }
  }
}

/// The delay before the next attempt to connect: doubled each time, capped, and jittered so that clients do not retry
/// in step.
struct Backoff {
  private static let first: Int64 = 50_000_000
  private static let cap: Int64 = 2_000_000_000
  private var failures = 0

  mutating func reset() {
    failures = 0
  }

  /// Returns the next delay, half of which is random.
  mutating func next() -> Duration {
    let ceiling = min(Self.cap, Self.first << Int64(min(failures, 10)))
    failures += 1
    return .nanoseconds(ceiling / 2 + Int64.random(in: 0...ceiling / 2))
  }
}
