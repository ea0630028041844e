import ServiceKit
import Testing

@Suite struct FairSharesTests {
  private func shares(
    _ units: Int, _ allowance: ShareAllowance = .everything, queueLimit: Int = 100
  ) -> FairShares<String, String> {
    FairShares(units: units, allowance: allowance, queueLimit: queueLimit, clientLimit: queueLimit)
  }

  private func isGranted(_ admission: FairShares<String, String>.Admission) -> Bool {
    if case .granted = admission { true } else { false }
  }

  @Test("What is free is given at once, and what comes back goes to those that wait")
  func turns() {
    var shares = shares(2)
    #expect(isGranted(shares.admit("a1", of: "a", units: 1, cost: 1)))
    #expect(isGranted(shares.admit("a2", of: "a", units: 1, cost: 1)))
    for element in ["a3", "a4", "b1"] {
      #expect(!isGranted(shares.admit(element, of: String(element.prefix(1)), units: 1, cost: 1)))
    }
    #expect(shares.giveBack(1, of: "a") == ["b1"])
    #expect(shares.giveBack(1, of: "a") == ["a3"])
    #expect(shares.giveBack(1, of: "b") == ["a4"])
    #expect(shares.giveBack(1, of: "a") == [])
    #expect(shares.giveBack(1, of: "a") == [])
    #expect(shares.free == 2)
  }

  @Test("Who waits for much is not passed by whoever wants little, again and again")
  func largeShare() {
    var shares = shares(10)
    #expect(isGranted(shares.admit("a1", of: "a", units: 6, cost: 6)))
    #expect(!isGranted(shares.admit("b1", of: "b", units: 8, cost: 8)))
    // It was served already, and is due after the other.
    #expect(!isGranted(shares.admit("a2", of: "a", units: 2, cost: 2)))
    #expect(shares.giveBack(6, of: "a") == ["b1", "a2"])
  }

  @Test("Who waits for much is passed by a bounded number, even if each of them comes for the first time")
  func newcomers() {
    var shares = shares(10, queueLimit: 4)
    #expect(isGranted(shares.admit("a1", of: "a", units: 2, cost: 100)))
    #expect(isGranted(shares.admit("b1", of: "b", units: 6, cost: 6)))
    #expect(shares.giveBack(2, of: "a") == [])
    #expect(!isGranted(shares.admit("a2", of: "a", units: 8, cost: 8)))
    for number in 0..<100 {
      // Each comes while the one before still holds its units: there is never room for the one that waits.
      guard isGranted(shares.admit("c", of: "c\(number)", units: 4, cost: 4)) else {
        #expect(number < 30)
        #expect(shares.giveBack(6, of: "b") == ["a2"] || shares.waiting > 0)
        return
      }
      _ = shares.giveBack(4, of: "c\(number)")
    }
    Issue.record("it was passed by everybody")
  }

  @Test("Of what is held for long a client has no more than it leaves for others, but for one share of any size")
  func allowance() {
    var shares = shares(100, .asMuchAsIsFree, queueLimit: 1)
    #expect(isGranted(shares.admit("a1", of: "a", units: 30, cost: 30)))
    #expect(isGranted(shares.admit("a2", of: "a", units: 20, cost: 20)))
    #expect(!isGranted(shares.admit("a3", of: "a", units: 1, cost: 1)))
    // It waits because of what it holds itself, for which others need not wait.
    #expect(isGranted(shares.admit("b1", of: "b", units: 25, cost: 25)))
    #expect(!isGranted(shares.admit("b2", of: "b", units: 1, cost: 1)))
    #expect(isGranted(shares.admit("c1", of: "c", units: 25, cost: 25)))
    #expect(shares.free == 0)
    #expect(shares.giveBack(25, of: "c") == [])
    #expect(shares.giveBack(30, of: "a") == ["a3"])
  }

  @Test("Of something larger than all there is, a share is all of it, and alone it is never refused")
  func oversize() {
    var shares = shares(100, .asMuchAsIsFree, queueLimit: 0)
    #expect(shares.size(of: 1_000) == 100)
    #expect(isGranted(shares.admit("a1", of: "a", units: shares.size(of: 1_000), cost: 1)))
    guard case .refused = shares.admit("b1", of: "b", units: 1, cost: 1) else {
      Issue.record("there was nothing left")
      return
    }
    #expect(shares.giveBack(100, of: "a") == [])
    #expect(isGranted(shares.admit("b1", of: "b", units: 100, cost: 1)))
  }

  @Test("Who leaves the queue lets those behind it go on")
  func removal() throws {
    var shares = shares(10)
    #expect(isGranted(shares.admit("a1", of: "a", units: 5, cost: 5)))
    _ = shares.admit("b1", of: "b", units: 8, cost: 8)
    _ = shares.admit("c1", of: "c", units: 5, cost: 5)
    let removed = try #require(shares.remove(of: "b") { $0 == "b1" })
    #expect(removed.0 == "b1" && removed.granted == ["c1"])
    #expect(shares.remove(of: "b") { _ in true } == nil)
  }

  /// An honest client asks for at most a half of the threads' time, the other has as much waiting as it may all the
  /// time. The longest service takes 1.
  @Test("With one client flooding, another's requests are all served, and wait for one more service at most")
  func simulation() {
    for seed in 1...500 {
      let outcome = Flood(seed: UInt64(seed)).run()
      #expect(outcome.refused == 0 && outcome.longestExcess <= 1, "seed \(seed): \(outcome)")
      if outcome.refused > 0 || outcome.longestExcess > 1 { return }
    }
  }
}

/// A schedule of requests for threads: what an honest client would wait alone, and what it waits beside a flood.
private struct Flood {
  struct Outcome {
    var refused = 0
    /// How much longer a request waited than without the flood.
    var longestExcess = 0.0
  }

  private struct Request {
    let number: Int
    let client: String
    let arrival: Double
    let service: Double
  }

  private let threads: Int
  private let floodService: Double
  private let honest: [Request]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    threads = Int.random(in: 1...4, using: &random)
    floodService = Double.random(in: 0.1...1, using: &random)
    var now = 0.0
    let threads = Double(threads)
    honest = (0..<60).map { number in
      let service = Double.random(in: 0.01...1, using: &random)
      now += 1 / threads / Double.random(in: 0.1...0.5, using: &random)
      return Request(number: number, client: "honest", arrival: now, service: service)
    }
  }

  func run() -> Outcome {
    let alone = waits(besideFlood: false)
    let beside = waits(besideFlood: true)
    var outcome = Outcome()
    for number in honest.indices {
      guard let wait = beside[number], let own = alone[number] else {
        outcome.refused += 1
        continue
      }
      outcome.longestExcess = max(outcome.longestExcess, wait - own)
    }
    return outcome
  }

  /// How long each request of the honest client waited; those that were refused are left out.
  private func waits(besideFlood hasFlood: Bool) -> [Int: Double] {
    var shares = FairShares<String, Request>(units: threads, allowance: .everything, queueLimit: 64, clientLimit: 64)
    var waits: [Int: Double] = [:]
    var ends: [(time: Double, request: Request)] = []
    var arriving = honest[...]
    var now = 0.0
    func start(_ requests: [Request]) {
      for request in requests {
        ends.append((now + request.service, request))
        if request.client == "honest" { waits[request.number] = now - request.arrival }
      }
    }
    func admit(_ request: Request) -> Bool {
      switch shares.admit(request, of: request.client, units: 1, cost: request.service) {
      case .granted:
        start([request])
        return true
      case .waits, .displaces: return true
      case .refused: return false
      }
    }
    func flood() {
      guard hasFlood else { return }
      while admit(Request(number: -1, client: "flood", arrival: now, service: floodService)) {}
    }
    flood()
    while let next = arriving.first {
      if let end = ends.indices.min(by: { ends[$0].time < ends[$1].time }), ends[end].time <= next.arrival {
        now = ends[end].time
        let ended = ends.remove(at: end).request
        start(shares.giveBack(1, of: ended.client))
      } else {
        now = next.arrival
        arriving.removeFirst()
        _ = admit(next)
      }
      flood()
    }
    // Those that still wait.
    while let end = ends.indices.min(by: { ends[$0].time < ends[$1].time }), waits.count < honest.count {
      now = ends[end].time
      start(shares.giveBack(1, of: ends.remove(at: end).request.client))
    }
    return waits
  }
}

/// A seed's numbers are the same on every machine, so that a schedule can be run again (G. Steele et al., "Fast
/// splittable pseudorandom number generators", 2014).
private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
