import Dispatch
import GRPCNghttp2Transport
import ServiceKit
import Synchronization
import TestSupport
import Testing
import TokenServer

/// Collects what tasks have done.
private final class Recorder<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  var all: [Element] { elements.withLock { $0 } }

  func append(_ element: Element) {
    elements.withLock { $0.append(element) }
  }
}

@Suite(.timeLimit(.minutes(1))) struct HashingThreadsTests {
  private let one = ClientAddress("192.0.2.1")
  private let other = ClientAddress("192.0.2.2")

  /// Runs a test while the only thread is busy, and lets it go on afterwards.
  private func whileBusy(
    _ threads: HashingThreads, _ body: (inout ThrowingTaskGroup<Void, any Error>) async throws -> Void
  ) async throws {
    let isOver = DispatchSemaphore(value: 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { isOver.signal() }
      group.addTask { try await threads.run(for: .signIn, of: nil) { isOver.wait() } }
      try await eventually { threads.load.running == 1 }
      try await body(&group)
    }
  }

  @Test("Clients take turns on the threads")
  func turns() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 8, clientLimit: 8)
    let order = Recorder<ClientAddress?>()
    try await whileBusy(threads) { group in
      for (number, client) in [one, one, one, other].enumerated() {
        group.addTask {
          try await threads.run(for: .signIn, of: client) { order.append(client) }
        }
        try await eventually { threads.load.waiting == number + 1 }
      }
    }
    #expect(order.all == [one, other, one, one])
    #expect(threads.load == (running: 0, waiting: 0))
  }

  @Test("A client's work beyond its limit is refused at once, and what another takes the place of, too")
  func refusals() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 2, clientLimit: 2)
    let refused = Recorder<String>()
    try await whileBusy(threads) { group in
      for number in 1...2 {
        group.addTask {
          do {
            try await threads.run(for: .signUp, of: one) {}
          } catch let error as ServiceError {
            refused.append(error.message)
          }
        }
        try await eventually { threads.load.waiting == number }
      }
      let error = await #expect(throws: ServiceError.self) { try await threads.run(for: .signUp, of: one) {} }
      #expect(error?.reason == .rateLimited)
      #expect(error?.message == "Too many new passwords at the moment.")
      #expect(error?.retryAfter == .seconds(1))
      group.addTask { try await threads.run(for: .signUp, of: other) {} }
      try await eventually { !refused.all.isEmpty }
      #expect(threads.load == (running: 1, waiting: 2))
    }
    #expect(refused.all == ["Too many new passwords at the moment."])
  }

  @Test("Who stops waiting leaves no work behind and makes room for another")
  func cancellation() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 1, clientLimit: 1)
    let runs = Recorder<Int>()
    try await whileBusy(threads) { group in
      let task = Task { try await threads.run(for: .signIn, of: one) { runs.append(0) } }
      try await eventually { threads.load.waiting == 1 }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(threads.load == (running: 1, waiting: 0))
      group.addTask { try await threads.run(for: .signIn, of: one) {} }
      try await eventually { threads.load.waiting == 1 }
    }
    #expect(runs.all.isEmpty)
  }

  @Test("Who waits until the call must be answered is refused, and not cut off")
  func patience() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 1, clientLimit: 1)
    try await whileBusy(threads) { _ in
      let error = await #expect(throws: ServiceError.self) {
        try await CallDeadline.within(.milliseconds(100)) {
          try await threads.run(for: .signIn, of: one) { Issue.record("It was hashed.") }
        }
      }
      #expect(error?.reason == .rateLimited)
      #expect(threads.load == (running: 1, waiting: 0))
    }
  }

  @Test("A password that is changed waits with the sign-ins, and not with those who sign up")
  func purposes() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 1, clientLimit: 1)
    let parameters = ScryptParameters(costExponent: 4, blockSize: 1, parallelism: 1)
    let hasher = PasswordHasher(parameters: parameters, threads: threads)
    let password = try #require(Password("correct horse"))
    try await whileBusy(threads) { group in
      for (number, purpose) in [HashingPurpose.signUp, .signIn].enumerated() {
        group.addTask { _ = try await hasher.hash(password, as: purpose, for: one) }
        try await eventually { threads.load.waiting == number + 1 }
      }
    }
  }

  @Test("An error of the work frees its thread")
  func errors() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 1, clientLimit: 1)
    await #expect(throws: TimedOut.self) { try await threads.run(for: .signIn, of: nil) { throw TimedOut() } }
    #expect(try await threads.run(for: .signIn, of: nil) { 7 } == 7)
    #expect(threads.load == (running: 0, waiting: 0))
  }
}
