import Logging

extension Poller {
  /// A connection that lived for so long shows that the server is well again.
  private static let provenLife = Duration.seconds(10)

  /// Connects if there are consumers, and sends LISTEN for those that are new on the connection.
  func dispatchListening() {
    guard listener.isWanted else { return }
    listenConnection.connectIfDue(now)
    guard listenConnection.isReady else { return }
    if listenConnection.isBehindPooler { return giveUpListening() }
    for subscription in listener.takeUnsent() {
      // Each is a batch of its own, so that they succeed and fail alone.
      let isAlive = listenConnection.send([Request(kind: .listen(subscription))], now: now)
      if !isAlive { return lose(listenConnection) }
    }
  }

  /// Removes a consumer, and closes the connection after the last one.
  func stopListening(_ subscription: Subscription) {
    let wasLast = listener.remove(subscription)
    if !listener.isWanted {
      if listenConnection.isReady || listenConnection.isConnecting { _ = listenConnection.disconnect(now) }
    } else if wasLast, listenConnection.isReady {
      if !listenConnection.send([Request(kind: .unlisten(subscription))], now: now) { lose(listenConnection) }
    }
  }

  /// Tells a consumer that its LISTEN holds from now on.
  func settleListening(_ batch: Batch) {
    for (request, result) in batch.concludeWrites().answered {
      switch (request.kind, result) {
      case (.listen(let subscription), .success): subscription.signal()
      case (_, .success): break
      case (_, .failure(let error)): loseListening(because: error.message)
      }
    }
  }

  /// Passes on what was notified on the connection.
  func deliverNotifications() {
    if listenConnection.notified.isEmpty { return }
    listener.signal(listenConnection.notified)
    listenConnection.notified.removeAll(keepingCapacity: true)
  }

  /// Drops the connection, and opens another one after the usual delay: nobody waits for it, and a server that ends
  /// each one soon is not to be pressed.
  func loseListening(because reason: String?) {
    guard listenConnection.isReady else { return }
    logger.warning(
      "lost the connection to PostgreSQL that listens for notifications", metadata: ["reason": "\(reason ?? "unknown")"]
    )
    if listenConnection.sentAt + Self.provenLife < now { listenConnection.backoff.reset() }
    _ = listenConnection.disconnect(now)
    listenConnection.phase = .down(retryAt: now + listenConnection.backoff.next())
    listener.noteDisconnection()
  }

  private func giveUpListening() {
    logger.warning(
      """
      notifications don't arrive through a connection pooler: changes are seen late. Connect directly, or point the \
      database's URL at the server
      """)
    listener.giveUp()
    _ = listenConnection.disconnect(now)
  }
}
