/// Calls that wait to be sent, in the order in which they came; each can leave at once.
struct WaitingCalls {
  /// A call's place in the order.
  typealias Ticket = UInt64

  private var calls: [Ticket: ClientStream] = [:]
  private var first: Ticket = 0
  private var next: Ticket = 0

  var isEmpty: Bool { self.calls.isEmpty }

  mutating func append(_ call: ClientStream) -> Ticket {
    defer { self.next += 1 }
    self.calls[self.next] = call
    return self.next
  }

  mutating func remove(_ ticket: Ticket) {
    self.calls[ticket] = nil
  }

  mutating func popFirst() -> ClientStream? {
    while self.first < self.next {
      defer { self.first += 1 }
      if let call = self.calls.removeValue(forKey: self.first) { return call }
    }
    return nil
  }
}
