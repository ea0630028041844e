import Synchronization
import Testing
import TokenDomain
import VerifierServer

/// The promise, under load: once a deletion is applied, no call that begins later is answered VALID.
@Suite(.timeLimit(.minutes(5))) struct DeletionTests {
  /// The calls between two deletions, at least.
  private static let calls = 50

  @Test(
    "No call that begins after a deletion was applied is VALID, while others look up, evict and register",
    arguments: 0..<4)
  func deletion(round: Int) async throws {
    let fixture = VerifierFixture(capacity: round.isMultiple(of: 2) ? 10_000 : 640)
    let secrets = (0..<50).map { fixture.create("tok_\($0)", account: "acct_\($0 % 5)") }
    let isDeleted = secrets.map { _ in Flag() }
    let isOver = Flag()
    let violations = Counter()
    let valid = Counter()
    let refused = Counter()
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          var step = 0
          while !isOver.isSet {
            step += 1
            // What is cached is answered without a wait: others want the thread, too.
            await Task.yield()
            let index = (step * 7 + worker * 13) % secrets.count
            let wasDeleted = isDeleted[index].isSet
            guard let verdict = try? await fixture.verify(secrets[index]) else { continue }
            (verdict.isValid ? valid : refused).increment()
            if wasDeleted, verdict.isValid { violations.increment() }
          }
        }
      }
      group.addTask {
        for (index, secret) in secrets.enumerated() {
          // However slow the machine is, calls are answered VALID up to each deletion.
          let before = valid.value
          while valid.value < before + Self.calls { await Task.yield() }
          if index % 10 == 9 {
            // As after a lost lease: what is cached is forgotten, and the log goes on from where it ends.
            _ = fixture.source.commit(.credential("tok_\(index)"), SecretHash(secret))
            fixture.register(lease: .seconds(3_600))
          } else {
            fixture.change(.credential("tok_\(index)"), secret)
          }
          isDeleted[index].set()
        }
        // And refused after the last.
        let before = refused.value
        while refused.value < before + Self.calls { await Task.yield() }
        isOver.set()
      }
    }
    #expect(violations.value == 0)
  }

  private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock(\.self) }
    func set() { state.withLock { $0 = true } }
  }

  private final class Counter: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock(\.self) }
    func increment() { state.withLock { $0 += 1 } }
  }
}
