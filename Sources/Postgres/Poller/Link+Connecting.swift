import CLibPQ
import Glibc
import Logging

extension Link {
  /// Begins to connect, unless it is connected, about to be, or has to wait.
  func connectIfDue(_ now: MonotonicTime) {
    guard case .down(let retryAt) = phase, retryAt <= now else { return }
    connection = parameters.startConnecting(firstHost: firstHost)
    phase = .connecting(deadline: now + configuration.connectTimeout)
    guard let raw = connection?.raw, PQstatus(raw) != CONNECTION_BAD else { return connectingFailed(now) }
    // As after PGRES_POLLING_WRITING (libpq, 34.1: PQconnectPoll).
    watch(raw, EPOLLOUT.rawValue)
  }

  /// The socket is ready for the next step of connecting.
  func continueConnecting(_ now: MonotonicTime) {
    guard let raw = connection?.raw else { return }
    switch PQconnectPoll(raw) {
    case PGRES_POLLING_READING: watch(raw, EPOLLIN.rawValue)
    case PGRES_POLLING_WRITING: watch(raw, EPOLLOUT.rawValue)
    case PGRES_POLLING_OK:
      guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1 else { return connectingFailed(now) }
      watch(raw, EPOLLIN.rawValue)
      watchesWritable = false
      phase = .ready
      failure = nil
      logger.debug("connected to PostgreSQL", metadata: ["lane": "\(lane)", "connection": "\(index)"])
    default: connectingFailed(now)
    }
  }

  /// The attempt took too long.
  func connectingTimedOut(_ now: MonotonicTime) {
    firstHost += 1
    fail("the server did not answer in time", now)
  }

  private func connectingFailed(_ now: MonotonicTime) {
    fail((connection?.raw).map(ConnectionFailure.describe) ?? "no memory for a connection", now)
  }

  private func fail(_ reason: String, _ now: MonotonicTime) {
    connection = nil
    let delay = backoff.next()
    phase = .down(retryAt: now + delay)
    if failure != reason {
      logger.warning("can't connect to PostgreSQL", metadata: ["reason": "\(reason)", "lane": "\(lane)"])
    }
    failure = reason
  }

  /// Closes the connection and forgets what belonged to it; returns the batches that were running.
  func disconnect(_ now: MonotonicTime) -> [Batch] {
    connection = nil
    // Idle connections are lost in a restart too: the first attempt is at once, only failures wait.
    phase = .down(retryAt: now)
    cache.removeAll()
    _ = steps.drain()
    stepHasResult = false
    watchesWritable = false
    ended = []
    outstanding = 0
    return batches.drain()
  }

  /// libpq may have changed sockets, even to one of the same number: no memory of what was registered.
  func watch(_ raw: OpaquePointer, _ interest: UInt32) {
    var event = epoll_event(events: interest, data: epoll_data_t(u64: UInt64(index)))
    let socket = PQsocket(raw)
    if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
      _ = epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
    }
  }
}
