package import ServiceKit

/// The purpose of hashing a password. One that is changed is hashed for a sign-in.
package enum HashingPurpose: Sendable {
  case signIn, signUp
}

/// Decides which password is hashed next, so that strangers delay nobody by more than a few hashes.
///
/// As many hashes as there are slots run at a time. The others wait: sign-ins and sign-ups take turns, and so do the
/// clients within each. A client is a network as ``ClientAddress`` tells them apart; all whose address is unknown are
/// one.
package struct HashingQueue<Element> {
  private let slots: Int
  private var signIns: FairQueue<ClientAddress?, Element>
  private var signUps: FairQueue<ClientAddress?, Element>
  private var isSignUpNext = false

  /// Creates an empty queue.
  ///
  /// - Parameters:
  ///   - slots: The most hashes that run at a time; at least 1.
  ///   - limit: The most sign-ins, and the most sign-ups, that wait.
  ///   - clientLimit: The most of each that wait for one client.
  package init(slots: Int, limit: Int, clientLimit: Int) {
    self.slots = max(1, slots)
    signIns = FairQueue(limit: limit, clientLimit: clientLimit)
    signUps = signIns
  }

  /// The number of hashes that run.
  package private(set) var running = 0

  /// The number of elements that wait.
  package var waiting: Int { signIns.count + signUps.count }

  /// Gives an element a slot or a place in the queue.
  ///
  /// - Returns: The outcome in the queue, where an element displaces only one of the same purpose; `nil` when it takes
  ///   a free slot.
  package mutating func admit(
    _ element: Element, for purpose: HashingPurpose, of client: ClientAddress?
  ) -> FairQueue<ClientAddress?, Element>.Admission? {
    if running < slots {
      running += 1
      isSignUpNext = purpose == .signIn
      return nil
    }
    return switch purpose {
    case .signIn: signIns.append(element, of: client)
    case .signUp: signUps.append(element, of: client)
    }
  }

  /// Hands the slot of a finished hash on.
  ///
  /// - Returns: The element that takes it; `nil` when none waits, which leaves the slot free.
  package mutating func finish() -> Element? {
    if !isSignUpNext || signUps.count == 0, let next = signIns.popFirst() {
      isSignUpNext = true
      return next
    }
    if let next = signUps.popFirst() {
      isSignUpNext = false
      return next
    }
    running -= 1
    return nil
  }

  /// Removes an element that waits; `nil` when it does not.
  package mutating func remove(
    for purpose: HashingPurpose, of client: ClientAddress?, where condition: (Element) -> Bool
  ) -> Element? {
    switch purpose {
    case .signIn: signIns.remove(of: client, where: condition)
    case .signUp: signUps.remove(of: client, where: condition)
    }
  }
}
