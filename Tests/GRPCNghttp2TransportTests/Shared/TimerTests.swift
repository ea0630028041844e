import GRPCNghttp2Transport
import NIOCore
import Synchronization
import TestSupport
import Testing

/// Timers fire once, in order and never early, and a cancelled one leaves nothing behind.
@Suite(.timeLimit(.minutes(1))) struct TimerTests {
  @Test("A wheel hands out what a sorted list would, at whatever times it is looked at")
  func likeSortedList() {
    var generator = SeededGenerator(state: 7)
    for start in [0, 63, 64, 4095, 1 << 30, (1 << 36) - 5, (1 << 47) - 1] as [UInt64] {
      var wheel = TimerWheel<Int>(now: start)
      var expected: [Int: UInt64] = [:]
      var ids: [Int: TimerWheel<Int>.ID] = [:]
      var now = start
      for value in 0..<3000 {
        let reach = UInt64(1) << UInt64.random(in: 0..<32, using: &generator)
        let tick = now + UInt64.random(in: 0...reach, using: &generator)
        ids[value] = wheel.add(value, at: tick)
        expected[value] = max(tick, now + 1)
        if value.isMultiple(of: 3), let victim = expected.keys.randomElement(using: &generator) {
          #expect(ids[victim].flatMap { wheel.remove($0) } == victim)
          expected[victim] = nil
        }
        guard value.isMultiple(of: 7) else { continue }
        now += UInt64.random(in: 0...(UInt64(1) << UInt64.random(in: 0..<24, using: &generator)), using: &generator)
        let due = wheel.takeDue(upTo: now)
        #expect(Set(due) == Set(expected.filter { $0.value <= now }.keys))
        #expect(due.map { expected[$0] ?? 0 } == due.map { expected[$0] ?? 0 }.sorted())
        for value in due { expected[value] = nil }
        #expect(wheel.count == expected.count)
        #expect(wheel.nextTick.map { $0 <= (expected.values.min() ?? 0) } ?? expected.isEmpty)
      }
      let rest = wheel.takeDue(upTo: .max)
      #expect(Set(rest) == Set(expected.keys))
      #expect(wheel.nextTick == nil)
    }
  }

  @Test("A name of what was due or removed names nothing, also once its memory was given back")
  func staleNames() {
    var wheel = TimerWheel<Int>(now: 0)
    let removed = wheel.add(1, at: 5)
    #expect(wheel.remove(removed) == 1)
    #expect(wheel.remove(removed) == nil)
    let ids = (0..<5000).map { wheel.add($0, at: 10) }
    #expect(wheel.takeDue(upTo: 10).count == 5000)
    let new = (0..<10).map { wheel.add($0, at: 20) }
    #expect(ids.allSatisfy { wheel.remove($0) == nil })
    #expect(new.map { wheel.remove($0) } == (0..<10).map { $0 })
  }

  @Test("Timers fire at their time or a little later, each once, and cancelled ones never")
  func fires() async throws {
    let timers = Timers()
    let fired = Mutex<[Int]>([])
    let start = NIODeadline.now()
    let early = Counter()
    for index in (0..<50).reversed() {
      let deadline = start + .milliseconds(Int64(index * 2))
      _ = timers.set(at: deadline) {
        if NIODeadline.now() < deadline { early.add() }
        fired.withLock { $0.append(index) }
      }
    }
    for _ in 0..<50 {
      timers.set(at: start + .milliseconds(20)) { fired.withLock { $0.append(-1) } }.cancel()
    }
    try await eventually(until: { fired.withLock { $0.count } >= 50 })
    #expect(fired.withLock { $0.sorted() } == Array(0..<50))
    #expect(early.value == 0)
    #expect(timers.count == 0)
  }

  @Test("A timer holds what its action needs until it has fired or is cancelled, and no longer")
  func releases() async throws {
    let timers = Timers()
    func held(_ use: (Timers.Timer) -> Void, after time: TimeAmount) -> WeakCounter {
      let counter = Counter()
      use(timers.set(at: .now() + time) { counter.add() })
      return WeakCounter(value: counter)
    }
    #expect(held({ $0.cancel() }, after: .hours(10)).value == nil)
    let fired = held({ _ in }, after: .milliseconds(1))
    try await eventually(until: { fired.value == nil })
  }

  @Test("A sleep ends at its time, or at once when its task is cancelled, before or while it sleeps")
  func sleeps() async throws {
    let timers = Timers()
    let end = NIODeadline.now() + .milliseconds(5)
    try await timers.sleep(until: end)
    #expect(NIODeadline.now() >= end)
    let sleeper = Task { try await timers.sleep(for: .seconds(3600)) }
    try await eventually(until: { timers.count == 1 })
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await timers.sleep(for: .seconds(3600))
    }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    #expect(timers.count == 0)
  }

  /// Random numbers that are the same in every run (SplitMix64).
  struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      self.state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = self.state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }
}
