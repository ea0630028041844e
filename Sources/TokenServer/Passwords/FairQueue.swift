/// A bounded queue that takes turns between its clients.
///
/// Each client's elements leave in the order in which they came. When the queue is full, a client takes the place of
/// the newest element of the client that has the most, so that a few clients cannot keep the others out.
package struct FairQueue<Client: Hashable, Element> {
  /// The outcome of ``append(_:of:)``.
  package enum Admission {
    /// The element waits.
    case waits
    /// The element waits, and this one of another client no longer does.
    case displaces(Element)
    /// The element does not wait.
    case refused
  }

  private let limit: Int
  private let clientLimit: Int
  private var elements: [Client: [Element]] = [:]
  /// The clients that have elements, in the order of their turns.
  private var turns: [Client] = []

  /// The number of elements.
  package private(set) var count = 0

  /// Creates an empty queue.
  ///
  /// - Parameters:
  ///   - limit: The most elements.
  ///   - clientLimit: The most elements of one client.
  package init(limit: Int, clientLimit: Int) {
    self.limit = limit
    self.clientLimit = clientLimit
  }

  /// Adds an element of a client, at the end of that client's own.
  package mutating func append(_ element: Element, of client: Client) -> Admission {
    let own = count(of: client)
    guard own < clientLimit else { return .refused }
    var displaced: Element?
    if count >= limit {
      displaced = removeNewest(ifMoreThan: own + 1)
      guard displaced != nil else { return .refused }
    }
    if own == 0 { turns.append(client) }
    elements[client, default: []].append(element)
    count += 1
    return displaced.map(Admission.displaces) ?? .waits
  }

  /// Removes the oldest element of the client whose turn it is; `nil` when the queue is empty.
  package mutating func popFirst() -> Element? {
    guard let client = turns.first else { return nil }
    let element = remove(at: 0, of: client)
    if count(of: client) > 0 { turns.append(turns.removeFirst()) }
    return element
  }

  /// Removes the first element of a client that satisfies a condition; `nil` when none does.
  package mutating func remove(of client: Client, where condition: (Element) -> Bool) -> Element? {
    elements[client]?.firstIndex(where: condition).flatMap { remove(at: $0, of: client) }
  }

  private func count(of client: Client) -> Int { elements[client]?.count ?? 0 }

  /// Removes the newest element of the client that has the most, if that has more than `number`.
  private mutating func removeNewest(ifMoreThan number: Int) -> Element? {
    guard let client = turns.max(by: { count(of: $0) < count(of: $1) }), count(of: client) > number else { return nil }
    return remove(at: count(of: client) - 1, of: client)
  }

  private mutating func remove(at index: Int, of client: Client) -> Element? {
    guard var own = elements.removeValue(forKey: client) else { return nil }
    count -= 1
    let element = own.remove(at: index)
    if own.isEmpty {
      turns.removeAll { $0 == client }
    } else {
      elements[client] = own
    }
    return element
  }
}
