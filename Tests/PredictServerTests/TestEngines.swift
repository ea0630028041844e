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
  private let state = Mutex((counts: [Int](), seeds: [UInt64](), sizes: [Int](), rows: GridRows?.none))
  private let gate = DispatchSemaphore(value: 0)

  init(_ behaviour: Behaviour) {
    self.behaviour = behaviour
  }

  var calls: Int { counts.count }
  /// How many trajectories each call was to draw.
  var counts: [Int] { state.withLock { $0.counts } }
  var seeds: [UInt64] { state.withLock { $0.seeds } }

  /// The size of each model that it has fitted.
  var sizes: [Int] { state.withLock { $0.sizes } }
  /// How often it has fitted.
  var fits: Int { sizes.count }

  /// What it was to fit last.
  var rows: GridRows? { state.withLock { $0.rows } }

  func release() {
    gate.signal()
  }

  func fit(_ rows: GridRows, settings: ForecastSettings) throws -> any PredictionModel {
    let model = try ForecastingEngine().fit(rows, settings: settings)
    state.withLock {
      $0.sizes.append(model.byteCount)
      $0.rows = rows
    }
    return Model(engine: self, model: model)
  }

  private struct Model: PredictionModel {
    let engine: ProbeEngine
    let model: any PredictionModel

    var byteCount: Int { model.byteCount }

    func sample(count: Int, temperature: Double, topP: Double, seed: UInt64) throws -> Forecast {
      try engine.noteDraw(count: count, seed: seed)
      return try model.sample(count: count, temperature: temperature, topP: topP, seed: seed)
    }
  }

  private func noteDraw(count: Int, seed: UInt64) throws {
    state.withLock {
      $0.counts.append(count)
      $0.seeds.append(seed)
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
  }
}
