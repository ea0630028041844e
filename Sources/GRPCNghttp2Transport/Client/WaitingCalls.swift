/// Calls that wait, in the order in which they came; each can leave at once.
struct WaitingCalls<Call: Sendable>: Sendable {
  /// A call's place in the order.
  typealias Ticket = UInt64

  private var calls: [Ticket: Call] = [:]
  /// No call has a place before it.
  private var start: Ticket = 0
  private var next: Ticket = 0

  var count: Int { self.calls.count }
  var isEmpty: Bool { self.calls.isEmpty }

  /// A place at the end, for a call that is added later or never.
  mutating func makeTicket() -> Ticket {
    defer { self.next += 1 }
    return self.next
  }

  mutating func append(_ call: Call) -> Ticket {
    let ticket = self.makeTicket()
    self.calls[ticket] = call
    return ticket
  }

  /// Adds a call in the place that it was given.
  mutating func add(_ call: Call, _ ticket: Ticket) {
    self.calls[ticket] = call
    self.start = min(self.start, ticket)
  }

  @discardableResult
  mutating func remove(_ ticket: Ticket) -> Call? {
    self.calls.removeValue(forKey: ticket)
  }

  /// Removes the calls of a kind, in no particular order.
  mutating func removeAll(where belongs: (Call) -> Bool) -> [Call] {
    let removed = self.calls.filter { belongs($0.value) }
    for ticket in removed.keys {
      self.calls[ticket] = nil
    }
    return Array(removed.values)
  }

  /// The first call, which stays.
  mutating func first() -> (ticket: Ticket, call: Call)? {
    guard !self.calls.isEmpty else {
      self.start = self.next
      return nil
    }
    while self.start < self.next {
      if let call = self.calls[self.start] { return (self.start, call) }
      self.start += 1
    }
    return nil
  }

  mutating func popFirst() -> Call? {
    guard let (ticket, call) = self.first() else { return nil }
    self.calls[ticket] = nil
    return call
  }
}
