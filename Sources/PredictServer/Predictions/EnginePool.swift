/// Where windows of rows are read and computed on: bounded work on the engine's own threads.
struct EnginePool: Sendable {
  private let gate: Turnstile
  private let executor: EngineExecutor

  /// - Parameters:
  ///   - concurrency: how many are computed at a time, each on a thread; at least 1.
  ///   - queueLimit: how many wait.
  init(concurrency: Int, queueLimit: Int) {
    gate = Turnstile(limit: concurrency, queueLimit: queueLimit)
    executor = EngineExecutor(threadCount: concurrency)
  }

  /// Loads input and computes on it.
  ///
  /// Both happen inside the gate, so that waiting calls hold no rows; only `compute` runs on the engine's threads. There
  /// the task's cancellation can be seen.
  /// - Throws: `engineBusy` when the queue is full; the closures' errors.
  func run<Input: Sendable, Output: Sendable>(
    load: () async throws -> Input, compute: @escaping @Sendable (Input) throws -> Output
  ) async throws -> Output {
    try await gate.withPlace {
      let input = try await load()
      return try await withTaskExecutorPreference(executor) {
        try await Self.perform(compute, on: input)
      }
    }
  }

  /// Async and not isolated, so that it runs where the task prefers to.
  @concurrent
  private static func perform<Input: Sendable, Output: Sendable>(
    _ compute: @Sendable (Input) throws -> Output, on input: Input
  ) async throws -> Output {
    try Task.checkCancellation()
    return try compute(input)
  }
}
