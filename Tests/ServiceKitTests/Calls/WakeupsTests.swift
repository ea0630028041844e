import ServiceKit
import Testing

/// How a task that works in rounds waits for the next one.
@Suite(.timeLimit(.minutes(1))) struct WakeupsTests {
  @Test("A task that is woken before it waits does not wait, and many wakings are one") func wakings() async {
    let wakeups = Wakeups()
    for _ in 0..<3 { wakeups.wake() }
    #expect(await wakeups.wait(atMost: .seconds(3_600)))
    let start = ContinuousClock.now
    #expect(await wakeups.wait(atMost: .milliseconds(20)))
    #expect(start.duration(to: .now) >= .milliseconds(20))
  }

  @Test("A task that waits is woken") func waking() async {
    let wakeups = Wakeups()
    async let isWoken = wakeups.wait(atMost: .seconds(3_600))
    wakeups.wake()
    #expect(await isWoken)
  }

  @Test("There is no next round after the end, nor in a task that is cancelled") func end() async {
    let ended = Wakeups()
    ended.end()
    #expect(await !ended.wait(atMost: .seconds(3_600)))
    let task = Task { await Wakeups().wait(atMost: .seconds(3_600)) }
    task.cancel()
    #expect(await !task.value)
  }
}
