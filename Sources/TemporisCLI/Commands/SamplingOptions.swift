import ArgumentParser

/// The arguments of a forecast that is drawn on this machine, as a prediction has them.
struct SamplingOptions: ParsableArguments {
  @Option(help: "Trajectories, 1 to 1000.")
  var count = 100

  @Option(help: "How far the trajectories spread, over 0; 1 is calibrated.")
  var temperature = 1.0

  @Option(name: .customLong("top-p"), help: "Trims the unlikely tail, 0 to 1; 1 keeps all of it.")
  var topP = 1.0

  @Option(help: "Trajectories are drawn from it; the same seed draws the same ones.")
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...1_000).contains(count) else { throw ValidationError("--count must be in 1...1000") }
    guard temperature.isFinite, temperature > 0 else { throw ValidationError("--temperature must be a number over 0") }
    guard (0...1).contains(topP) else { throw ValidationError("--top-p must be in 0...1") }
  }

  /// The arguments as the engine takes them.
  var sampling: OfflineForecaster.Sampling {
    OfflineForecaster.Sampling(count: count, temperature: temperature, topP: topP, seed: seed)
  }
}
