/// One consumer of a channel's notifications.
///
/// Its stream refers to it until it ends, by the consumer or by the database.
final class Subscription: Sendable {
  /// The channel's exact name.
  let channel: String
  /// The name as SQL text.
  let identifier: String
  private let continuation: AsyncStream<Void>.Continuation

  /// - Throws: ``PostgresError/Code/invalidParameter`` for a name that PostgreSQL does not take, or would cut.
  init(channel: String, continuation: AsyncStream<Void>.Continuation) throws {
    self.channel = channel
    identifier = try SQLIdentifier.quote(channel)
    self.continuation = continuation
  }

  func signal() {
    continuation.yield()
  }

  func end() {
    continuation.finish()
  }
}
