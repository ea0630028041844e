extension Database {
  /// The signals of a channel: one element each time that something was notified there, and one each time that the
  /// database begins to listen, as anything may have been notified before.
  ///
  /// ```swift
  /// for await _ in try database.notifications(on: "item_changed") {
  ///   items = try await database.query("SELECT id, name FROM item")
  /// }
  /// ```
  ///
  /// A consumer that is slower than the notifications finds one element that stands for all of them, so payloads are
  /// not delivered: look at the data. The sequence ends with ``close()``. All consumers share one connection, which
  /// opens again when it is lost, and closes with the last consumer: when its task is cancelled, or the sequence and
  /// its iterator are released.
  ///
  /// Through a connection pooler, which gives no session to listen in, there is no element; the log says so once. A
  /// caller that must not miss anything there looks at the data now and then by itself.
  /// - Parameter channel: The channel's exact name, 1 to 63 bytes. `NOTIFY` without quotes means the one in lower case.
  /// - Throws: ``PostgresError/Code/invalidParameter`` for any other name.
  package func notifications(on channel: String) throws -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let subscription = try Subscription(channel: channel, continuation: continuation)
    continuation.onTermination = { [inbox] _ in
      // Refused only by a database that is closed, which has no subscriptions.
      _ = inbox.submit(Request(kind: .unlisten(subscription)))
    }
    if inbox.submit(Request(kind: .listen(subscription))) != nil { continuation.finish() }
    return stream
  }
}
