import ServiceKit
import Testing
import TokenServer

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
