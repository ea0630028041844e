/// What one client may hold of something that is shared.
package enum ShareAllowance: Sendable {
  /// All there is. For what is given back soon: others wait for no longer than that takes.
  case everything
  /// As much as stays free for the others, or one share of any size: half of all when it is alone, a third each when
  /// they are two, and so on. For what is held for as long as its client likes. That is the dynamic threshold of shared
  /// buffers (Choudhury, Hahne, IEEE/ACM Transactions on Networking 6, 1998).
  case asMuchAsIsFree
  /// One share of any size.
  case one
}

/// Decides who gets how much of something scarce, such as threads or memory, without clock, threads and tasks.
///
/// What is free is given at once unless somebody waits whose turn is before; who finds no room waits in a
/// ``FairQueue``.
package struct FairShares<Client: Hashable, Element> {
  /// The outcome of ``admit(_:of:units:cost:)``.
  package enum Admission {
    /// It has its share.
    case granted
    case waits
    /// It waits, and this one of another client no longer does.
    case displaces(Element)
    case refused
  }

  private struct Request {
    let element: Element
    let units: Int
  }

  private let units: Int
  private let allowance: ShareAllowance
  private var held: [Client: Int] = [:]
  private var queue: FairQueue<Client, Request>

  /// The units that nobody holds.
  package private(set) var free: Int

  /// The number of elements that wait.
  package var waiting: Int { queue.count }

  /// Creates shares that nobody holds.
  ///
  /// - Parameters:
  ///   - units: How much there is; at least 1.
  ///   - queueLimit: The most elements that wait.
  ///   - clientLimit: The most of one client that wait.
  package init(units: Int, allowance: ShareAllowance, queueLimit: Int, clientLimit: Int) {
    self.units = max(1, units)
    self.allowance = allowance
    free = self.units
    queue = FairQueue(limit: queueLimit, clientLimit: clientLimit)
  }

  /// The size of a share: of something larger than all there is, all of it.
  package func size(of units: Int) -> Int { min(max(1, units), self.units) }

  /// Gives a client a share, or has it wait for it.
  ///
  /// - Parameters:
  ///   - units: The size of the share, as ``size(of:)`` says.
  ///   - cost: The work that it stands for, of which clients get the same; not negative.
  package mutating func admit(_ element: Element, of client: Client, units: Int, cost: Double) -> Admission {
    let request = Request(element: element, units: units)
    if units <= free, isAllowed(request, of: client),
      queue.wouldBeFirst(of: client, unless: { !isAllowed($1, of: $0) })
    {
      queue.charge(cost, to: client)
      take(units, of: client)
      return .granted
    }
    return switch queue.append(request, of: client, cost: cost) {
    case .waits: .waits
    case .displaces(let other): .displaces(other.element)
    case .refused: .refused
    }
  }

  /// Counts work that a client's share has turned out to stand for besides its cost.
  package mutating func add(_ cost: Double, to client: Client) { queue.add(cost, to: client) }

  /// Takes a share back.
  ///
  /// - Returns: Those that waited and have their shares now.
  package mutating func giveBack(_ units: Int, of client: Client) -> [Element] {
    free += units
    let rest = (held[client] ?? units) - units
    held[client] = rest > 0 ? rest : nil
    return grant()
  }

  /// Removes an element that waits; `nil` when it doesn't.
  ///
  /// - Returns: With it, those that waited behind it and have their shares now.
  package mutating func remove(of client: Client, where condition: (Element) -> Bool) -> (Element, granted: [Element])?
  {
    queue.remove(of: client) { condition($0.element) }.map { ($0.element, grant()) }
  }

  private mutating func grant() -> [Element] {
    var granted: [Element] = []
    while let client = nextThatFits(), let request = queue.popFirst(of: client) {
      take(request.units, of: client)
      granted.append(request.element)
    }
    return granted
  }

  /// The client whose turn it is; `nil` when there is no room for its share, which the others wait for as well.
  private func nextThatFits() -> Client? {
    let next = queue.first { !isAllowed($1, of: $0) }
    return next.flatMap { $0.element.units <= free ? $0.client : nil }
  }

  /// Whether what the client holds already is not in the way.
  private func isAllowed(_ request: Request, of client: Client) -> Bool {
    guard let own = held[client] else { return true }
    return switch allowance {
    case .everything: true
    case .asMuchAsIsFree: own + request.units <= free - request.units
    case .one: false
    }
  }

  private mutating func take(_ units: Int, of client: Client) {
    free -= units
    held[client, default: 0] += units
  }
}
