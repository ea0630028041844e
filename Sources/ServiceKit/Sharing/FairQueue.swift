/// A bounded queue that shares what is waited for fairly between its clients, however much each of them wants.
///
/// Of clients that wait all the time each gets the same amount of work, as the costs of its elements count it, to
/// within the largest of them; one that comes after a while is next but for those that came so, too. That is start-time
/// fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996). A client's oldest element is passed by a bounded number of others,
/// and by a bounded amount of work: else clients that are new every time could keep those waiting who were served
/// already.
///
/// Each client's elements leave in the order in which they came. When the queue is full, a client takes the place of
/// the newest element of the client that has the most, so that a few clients cannot keep the others out.
package struct FairQueue<Client: Hashable, Element> {
  /// The outcome of ``append(_:of:cost:)``.
  package enum Admission {
    /// The element waits.
    case waits
    /// The element waits, and this one of another client no longer does.
    case displaces(Element)
    /// The element does not wait.
    case refused
  }

  private struct Waiting {
    let element: Element
    let cost: Double
    let arrival: UInt64
  }

  /// A client that waits, or was served more than its share lately.
  private struct Line {
    var waiting: [Waiting] = []
    /// The virtual time at which its next element is due.
    var start: Double
    /// What there had been when its oldest element became that.
    var headSince = Past()
  }

  /// How far the queue has come.
  private struct Past {
    var services: UInt64 = 0
    /// The cost of them all.
    var work = 0.0
    var virtualTime = 0.0
  }

  private let limit: Int
  private let clientLimit: Int
  /// The most clients that are remembered, if not more have elements: some that have nothing here are among them.
  private let lineLimit: Int
  private var lines: [Client: Line] = [:]
  private var past = Past()
  private var arrivals: UInt64 = 0

  /// The number of elements.
  package private(set) var count = 0

  /// The number of clients that are remembered, for what they have here or have had.
  package var clientCount: Int { lines.count }

  /// Creates an empty queue.
  ///
  /// - Parameters:
  ///   - limit: The most elements.
  ///   - clientLimit: The most elements of one client.
  package init(limit: Int, clientLimit: Int) {
    self.limit = limit
    self.clientLimit = clientLimit
    lineLimit = 2 * min(limit, 1_024) + 16
  }

  /// Adds an element of a client, at the end of that client's own.
  ///
  /// - Parameter cost: The work that it is, in any unit; not negative.
  package mutating func append(_ element: Element, of client: Client, cost: Double = 1) -> Admission {
    let own = count(of: client)
    guard own < clientLimit else { return .refused }
    var displaced: Element?
    if count >= limit {
      displaced = removeNewest(ifMoreThan: own + 1)
      guard displaced != nil else { return .refused }
    }
    arrivals += 1
    var line = lines[client] ?? Line(start: past.virtualTime)
    if own == 0 {
      line.start = max(line.start, past.virtualTime)
      line.headSince = past
    }
    line.waiting.append(Waiting(element: element, cost: cost, arrival: arrivals))
    lines[client] = line
    count += 1
    return displaced.map(Admission.displaces) ?? .waits
  }

  /// The element whose turn it is; `nil` when none may leave.
  ///
  /// - Parameter isHeld: Whether a client has to wait, and others need not wait for it.
  package func first(
    unless isHeld: (Client, Element) -> Bool = { _, _ in false }
  ) -> (client: Client, element: Element)? {
    guard count > 0 else { return nil }
    let waitingClients = waitingClients
    var next: (client: Client, element: Element)?
    var nextKey: (Int, Double, UInt64)?
    for (client, line) in lines {
      guard let head = line.waiting.first, !isHeld(client, head.element) else { continue }
      let isOverdue = isOverdue(line, among: waitingClients)
      let key = (isOverdue ? 0 : 1, isOverdue ? 0 : line.start, head.arrival)
      if let nextKey, nextKey < key { continue }
      (next, nextKey) = ((client, head.element), key)
    }
    return next
  }

  /// Whether an element of a client that has none would be the next; see ``first(unless:)``.
  package func wouldBeFirst(of client: Client, unless isHeld: (Client, Element) -> Bool) -> Bool {
    guard count(of: client) == 0 else { return false }
    guard let next = first(unless: isHeld), let other = lines[next.client] else { return true }
    return max(lines[client]?.start ?? past.virtualTime, past.virtualTime) < other.start
      && !isOverdue(other, among: waitingClients)
  }

  /// Removes the element whose turn it is; `nil` when the queue is empty.
  package mutating func popFirst() -> Element? {
    first().flatMap { popFirst(of: $0.client) }
  }

  /// Removes a client's oldest element, which is its turn; `nil` when it has none.
  package mutating func popFirst(of client: Client) -> Element? {
    guard let line = lines[client], let head = line.waiting.first else { return nil }
    // The others are not behind because this one goes before its turn.
    charge(head.cost, to: client, advancesTime: !isOverdue(line, among: waitingClients))
    lines[client]?.waiting.removeFirst()
    count -= 1
    lines[client]?.headSince = past
    forget(client)
    return head.element
  }

  /// Counts work of a client that didn't wait.
  package mutating func charge(_ cost: Double, to client: Client) {
    charge(cost, to: client, advancesTime: true)
  }

  private mutating func charge(_ cost: Double, to client: Client, advancesTime: Bool) {
    past.services += 1
    let start = lines[client]?.start ?? past.virtualTime
    if advancesTime { past.virtualTime = max(past.virtualTime, start) }
    add(cost, to: client)
  }

  /// Counts work that an element of a client has turned out to be besides its cost.
  package mutating func add(_ cost: Double, to client: Client) {
    var line = lines[client] ?? Line(start: past.virtualTime)
    if line.waiting.isEmpty { line.start = max(line.start, past.virtualTime) }
    line.start += cost
    lines[client] = line
    past.work += cost
    forget(client)
  }

  /// Removes the first element of a client that satisfies a condition; `nil` when none does.
  package mutating func remove(of client: Client, where condition: (Element) -> Bool) -> Element? {
    guard let index = lines[client]?.waiting.firstIndex(where: { condition($0.element) }) else { return nil }
    return remove(at: index, of: client)
  }

  /// Whether a client's oldest element was passed by many, and by more work than those that wait would have got while
  /// this client is ahead of them.
  private func isOverdue(_ line: Line, among clients: Int) -> Bool {
    let since = line.headSince
    return past.services - since.services > lineLimit
      && past.work - since.work > (line.start - since.virtualTime) * Double(clients)
  }

  private var waitingClients: Int { lines.values.reduce(0) { $0 + ($1.waiting.isEmpty ? 0 : 1) } }

  private func count(of client: Client) -> Int { lines[client]?.waiting.count ?? 0 }

  /// Removes the newest element of the client that has the most, if that has more than `number`.
  private mutating func removeNewest(ifMoreThan number: Int) -> Element? {
    let most = lines.max { $0.value.waiting.count < $1.value.waiting.count }
    guard let (client, line) = most, line.waiting.count > number else { return nil }
    return remove(at: line.waiting.count - 1, of: client)
  }

  private mutating func remove(at index: Int, of client: Client) -> Element? {
    guard let removed = lines[client]?.waiting.remove(at: index) else { return nil }
    count -= 1
    if index == 0 { lines[client]?.headSince = past }
    forget(client)
    return removed.element
  }

  /// Forgets a client that has nothing here and has had no more than its share. Of those that have had more, the ones
  /// are forgotten that had least, once they are many.
  private mutating func forget(_ client: Client) {
    if let line = lines[client], line.waiting.isEmpty, line.start <= past.virtualTime { lines[client] = nil }
    guard lines.count > lineLimit else { return }
    lines = lines.filter { !$0.value.waiting.isEmpty || $0.value.start > past.virtualTime }
    guard lines.count > lineLimit else { return }
    // Half of them at a time, which is rarely.
    let idle = lines.filter(\.value.waiting.isEmpty).sorted { $0.value.start < $1.value.start }
    for (client, _) in idle.prefix((idle.count + 1) / 2) { lines[client] = nil }
  }
}
