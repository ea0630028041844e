/// The consumers of notifications, and what the connection has yet to be told of them. Used by the poller's thread
/// alone.
struct Listener {
  private var subscriptions: [ObjectIdentifier: Subscription] = [:]
  /// Those for which no LISTEN was sent on the connection that is open now.
  private var unsent: [Subscription] = []
  /// Whether listening was given up, because the connection leads through a pooler.
  private var isGivenUp = false

  /// Whether a connection is of use.
  var isWanted: Bool { !subscriptions.isEmpty && !isGivenUp }

  mutating func add(_ subscription: Subscription) {
    subscriptions[ObjectIdentifier(subscription)] = subscription
    unsent.append(subscription)
  }

  /// Removes a consumer. Returns whether it was its channel's last one.
  mutating func remove(_ subscription: Subscription) -> Bool {
    subscriptions[ObjectIdentifier(subscription)] = nil
    unsent.removeAll { $0 === subscription }
    return !subscriptions.values.contains { $0.channel == subscription.channel }
  }

  /// Takes the consumers whose LISTEN is to be sent now.
  mutating func takeUnsent() -> [Subscription] {
    defer { unsent.removeAll() }
    return unsent
  }

  /// Notes that the connection is gone: the next one has to listen for everyone.
  mutating func noteDisconnection() {
    unsent = Array(subscriptions.values)
  }

  mutating func giveUp() {
    isGivenUp = true
  }

  /// Tells the consumers of some channels that something was notified there.
  func signal(_ channels: Set<String>) {
    for subscription in subscriptions.values where channels.contains(subscription.channel) { subscription.signal() }
  }

  /// Ends all sequences.
  mutating func end() {
    for subscription in subscriptions.values { subscription.end() }
    subscriptions.removeAll()
    unsent.removeAll()
  }
}
