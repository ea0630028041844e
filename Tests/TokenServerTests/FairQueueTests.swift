import ServiceKit
import Testing
import TokenServer

@Suite struct FairQueueTests {
  private func queue(_ elements: [String], limit: Int = 100, clientLimit: Int = 100) -> FairQueue<Character, String> {
    var queue = FairQueue<Character, String>(limit: limit, clientLimit: clientLimit)
    for element in elements { _ = queue.append(element, of: client(element)) }
    return queue
  }

  private func client(_ element: String) -> Character { element.first ?? " " }

  private func drain(_ queue: FairQueue<Character, String>) -> [String] {
    var queue = queue
    var elements: [String] = []
    while let element = queue.popFirst() { elements.append(element) }
    #expect(queue.count == 0)
    return elements
  }

  @Test("Clients take turns, and each one's elements keep their order")
  func turns() {
    #expect(drain(queue(["a1", "a2", "a3", "b1", "b2", "c1"])) == ["a1", "b1", "c1", "a2", "b2", "a3"])
  }

  @Test("A client that was served waits for the others' turns before its next")
  func newcomer() {
    var queue = queue(["a1", "a2", "a3"])
    #expect(queue.popFirst() == "a1")
    _ = queue.append("b1", of: "b")
    _ = queue.append("a4", of: "a")
    #expect(drain(queue) == ["a2", "b1", "a3", "a4"])
  }

  @Test("A client has no more elements than its limit")
  func clientLimit() {
    var queue = queue(["a1", "a2", "a3", "b1"], clientLimit: 2)
    guard case .refused = queue.append("a4", of: "a") else {
      Issue.record("the fourth was not refused")
      return
    }
    #expect(drain(queue) == ["a1", "b1", "a2"])
  }

  @Test("In a full queue a client takes the place of the newest element of the client that has the most")
  func displacement() {
    var queue = queue(["a1", "a2", "b1", "b2", "b3"], limit: 5)
    guard case .displaces("b3") = queue.append("c1", of: "c"), case .displaces = queue.append("d1", of: "d") else {
      Issue.record("nothing was displaced")
      return
    }
    #expect(queue.count == 5)
  }

  @Test("In a full queue where nobody has more, one more is refused")
  func fullQueue() {
    var queue = queue(["a1", "a2", "b1", "b2"], limit: 4)
    guard case .refused = queue.append("a3", of: "a"), case .displaces = queue.append("c1", of: "c"),
      case .refused = queue.append("c2", of: "c")
    else {
      Issue.record("an element was not refused")
      return
    }
    #expect(queue.count == 4)
  }

  @Test("An element that was removed has no turn, and leaves the others theirs")
  func removal() {
    var queue = queue(["a1", "a2", "b1", "c1"])
    #expect(queue.remove(of: "a") { $0 == "a1" } == "a1")
    #expect(queue.remove(of: "b") { $0 == "b1" } == "b1")
    #expect(queue.remove(of: "b") { $0 == "b1" } == nil)
    #expect(queue.remove(of: "c") { $0 == "a2" } == nil)
    #expect(drain(queue) == ["a2", "c1"])
  }
}

@Suite struct HashingQueueTests {
  private let stranger = ClientAddress("192.0.2.1")
  private let owner = ClientAddress("198.51.100.7")

  @Test("The sign-in of another client waits for two hashes, however many one stranger tries")
  func strangers() {
    var queue = HashingQueue<String>(slots: 1, limit: 64, clientLimit: 16)
    for _ in 0..<200 { _ = queue.admit("stranger", for: .signIn, of: stranger) }
    _ = queue.admit("owner", for: .signIn, of: owner)
    #expect(queue.running == 1)
    #expect(queue.waiting == 17)
    #expect([queue.finish(), queue.finish()] == ["stranger", "owner"])
  }

  @Test("However many clients sign up, a sign-in waits for two hashes, and the other way around")
  func purposes() {
    for (strangers, owners) in [(HashingPurpose.signUp, HashingPurpose.signIn), (.signIn, .signUp)] {
      var queue = HashingQueue<String>(slots: 1, limit: 64, clientLimit: 16)
      for number in 0..<200 { _ = queue.admit("stranger", for: strangers, of: ClientAddress("192.0.2.\(number)")) }
      _ = queue.admit("owner", for: owners, of: owner)
      #expect(queue.waiting == 65)
      let next = [queue.finish(), queue.finish()]
      #expect(next.contains("owner"))
    }
  }

  @Test("All clients whose address is unknown share one limit")
  func unknownClients() {
    var queue = HashingQueue<Int>(slots: 1, limit: 64, clientLimit: 2)
    for number in 0..<5 { _ = queue.admit(number, for: .signIn, of: nil) }
    #expect(queue.waiting == 2)
    _ = queue.admit(5, for: .signIn, of: owner)
    _ = queue.admit(6, for: .signUp, of: nil)
    #expect(queue.waiting == 4)
  }

  @Test("Slots are filled first, handed on while something waits, and free afterwards")
  func slots() {
    var queue = HashingQueue<Int>(slots: 2, limit: 64, clientLimit: 64)
    #expect(queue.admit(0, for: .signIn, of: nil) == nil)
    #expect(queue.admit(1, for: .signUp, of: nil) == nil)
    #expect(queue.admit(2, for: .signUp, of: nil) != nil)
    #expect(queue.finish() == 2)
    #expect(queue.running == 2)
    #expect(queue.finish() == nil)
    #expect(queue.finish() == nil)
    #expect(queue.running == 0)
    #expect(queue.admit(3, for: .signIn, of: nil) == nil)
  }
}
