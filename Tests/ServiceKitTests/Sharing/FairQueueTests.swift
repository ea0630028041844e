import ServiceKit
import Testing

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

  @Test("A client that was served lets those go first that came since")
  func newcomer() {
    var queue = queue(["a1", "a2", "a3"])
    #expect(queue.popFirst() == "a1")
    _ = queue.append("b1", of: "b")
    _ = queue.append("a4", of: "a")
    #expect(drain(queue) == ["b1", "a2", "a3", "a4"])
  }

  @Test("Work that turns out to be more than was told counts for the next turns")
  func addedCost() {
    var queue = queue((1...9).map { "a\($0)" } + (1...9).map { "b\($0)" })
    var order = ""
    for _ in 0..<12 {
      guard let element = queue.popFirst() else { break }
      order.append(client(element))
      if element.hasPrefix("a") { queue.add(3, to: "a") }
    }
    #expect(order == "abbbbabbbbab")
    // A client that has nothing here is remembered for it, too.
    var empty = FairQueue<Character, String>(limit: 100, clientLimit: 100)
    empty.add(2, to: "a")
    for element in ["a1", "b1", "b2", "b3"] { _ = empty.append(element, of: client(element)) }
    #expect(drain(empty) == ["b1", "b2", "a1", "b3"])
  }

  @Test("Clients whose work is dear get no more of a thread than those whose work is cheap, whoever always waits")
  func equalTime() {
    var queue = FairQueue<String, Double>(limit: 64, clientLimit: 64)
    // One has sixteen elements of a second waiting, one two of 5 ms, and five one: each told as 5 ms of work.
    let told = 5.0
    for _ in 0..<16 { _ = queue.append(1_000, of: "dear", cost: told) }
    for _ in 0..<2 { _ = queue.append(5, of: "two", cost: told) }
    for number in 0..<5 { _ = queue.append(5, of: "one\(number)", cost: told) }
    var time: [String: Double] = [:]
    var total = 0.0
    while total < 300_000, let (client, work) = queue.first(), queue.popFirst(of: client) != nil {
      time[client, default: 0] += work
      total += work
      queue.add(work - told, to: client)
      _ = queue.append(work, of: client, cost: told)
    }
    #expect(time.count == 7)
    for (client, time) in time { #expect(abs(time / total - 1.0 / 7) < 0.01, "\(client): \(time / total)") }
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

  @Test("Clients get the same work: who takes much at a time has fewer turns")
  func costs() {
    var queue = FairQueue<Character, String>(limit: 100, clientLimit: 100)
    for number in 1...3 { _ = queue.append("a\(number)", of: "a", cost: 10) }
    for number in 1...30 { _ = queue.append("b\(number)", of: "b", cost: 1) }
    let order = drain(queue)
    let turns = order.indices.filter { order[$0].hasPrefix("a") }
    #expect(turns.count == 3)
    #expect(abs(turns[1] - turns[0] - 11) <= 1 && abs(turns[2] - turns[1] - 11) <= 1)
  }

  @Test("Who was served more than its share while others waited comes after them when it comes back")
  func debts() {
    var queue = queue(["a1", "b1"])
    _ = queue.append("c1", of: "c", cost: 100)
    #expect([queue.popFirst(), queue.popFirst(), queue.popFirst()] == ["a1", "b1", "c1"])
    _ = queue.append("c2", of: "c")
    _ = queue.append("a2", of: "a")
    _ = queue.append("a3", of: "a")
    #expect(drain(queue) == ["a2", "a3", "c2"])
  }

  @Test("However many clients come for the first time, one that was served before waits for a bounded number of them")
  func strangers() {
    var queue = queue(["a1", "a2"])
    #expect(queue.popFirst() == "a1")
    for number in 0..<1_000 {
      guard let client = UnicodeScalar(0x4E00 + number).map(Character.init) else { continue }
      _ = queue.append("stranger", of: client)
      if queue.popFirst() == "a2" {
        #expect(number < 250)
        return
      }
    }
    Issue.record("a client was kept waiting")
  }

  @Test("Clients that have gone are forgotten")
  func memory() {
    var queue = FairQueue<Int, Int>(limit: 2, clientLimit: 1)
    for client in 0..<10_000 {
      _ = queue.append(client, of: client, cost: Double(client))
      _ = queue.append(client, of: client + 1)
      #expect(queue.popFirst() != nil)
      _ = queue.popFirst()
    }
    #expect(queue.clientCount <= 20)
  }
}
