import Dispatch
import Forecasting
import PredictServer
import Synchronization

/// An engine that counts, and may fail or wait before it draws.
final class ProbeEngine: PredictionEngine {
  struct Failure: Error {}

  enum Behaviour: Sendable {
    case draw
    case fail
    /// Until its task is cancelled.
    case hang
    /// Until `release()`.
    case wait
  }

  private let behaviour: Behaviour
  private let state = Mutex((counts: [Int](), seeds: [UInt64](), rows: GridRows?.none))
  private let gate = DispatchSemaphore(value: 0)

  init(_ behaviour: Behaviour) {
    self.behaviour = behaviour
  }

  var calls: Int { counts.count }
  /// How many trajectories each call was to draw.
  var counts: [Int] { state.withLock { $0.counts } }
  var seeds: [UInt64] { state.withLock { $0.seeds } }

  /// What the last call was given.
  var rows: GridRows? { state.withLock { $0.rows } }

  func release() {
    gate.signal()
  }

  func forecast(
    _ rows: GridRows, settings: ForecastSettings, count: Int, temperature: Double, topP: Double,
    seed: UInt64
  ) throws -> Forecast {
    state.withLock {
      $0.counts.append(count)
      $0.seeds.append(seed)
      $0.rows = rows
    }
    switch behaviour {
    case .draw: break
    case .fail: throw Failure()
    case .hang: while !Task.isCancelled {}
    case .wait:
      // A time limit, so that a test in which nothing releases it fails instead of hanging.
      guard gate.wait(timeout: .now() + .seconds(20)) == .success else { throw Failure() }
      gate.signal()
    }
    try Task.checkCancellation()
    return try ForecastingEngine().forecast(
      rows, settings: settings, count: count, temperature: temperature, topP: topP, seed: seed)
  }
}
