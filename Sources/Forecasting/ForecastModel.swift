/// What a forecaster has learnt of one context: enough to draw any number of futures at any temperature.
///
/// It depends on the context and the profile's settings alone, so that it may be kept and drawn from again.
package struct ForecastModel: Sendable {
  /// Unix seconds from which every trajectory steps forward.
  package let predictFrom: Int64
  /// Unix seconds of the rows of every trajectory.
  package let timestamps: [Int64]

  private let settings: ForecastSettings
  let channels: [ChannelModel]
  package let copula: ChannelCopula?

  var horizon: Int { settings.horizon }
  var patchLength: Int { settings.patchLength }

  init(_ fits: [ChannelFit], context: ForecastContext, timestamps: [Int64], settings: ForecastSettings) {
    channels = zip(fits, context.channels).map { ChannelModel($0, last: $1[$1.count - 1]) }
    copula = ChannelCopula(fits.map(\.pastTokens), length: settings.patchLength)
    predictFrom = context.predictFrom
    self.timestamps = timestamps
    self.settings = settings
  }

  /// Roughly the memory that the model takes, in bytes.
  package var byteCount: Int {
    let doubles = channels.reduce(timestamps.count + (copula?.factor.count ?? 0)) { $0 + $1.size }
    let names = settings.names.reduce(0) { $0 + $1.utf8.count + MemoryLayout<String>.stride }
    return 8 * doubles + names + channels.count * (MemoryLayout<ChannelModel>.stride + 128) + 512
  }

  /// Samples `count` trajectories.
  ///
  /// - Parameters:
  ///   - count: 1 to 1,000.
  ///   - temperature: above 0, finite; spreads the tokens, 1 is calibrated.
  ///   - topP: 0 to 1; keeps the likeliest tokens of that mass, 1 keeps all.
  ///   - seed: of the request; each trajectory derives its own stream from it.
  /// - Throws: `ForecastError` with `invalidArgument`; `CancellationError` once the task is cancelled, looked at
  ///   between trajectories.
  package func sample(count: Int, temperature: Double, topP: Double, seed: UInt64) throws -> Forecast {
    try Self.check(count: count, temperature: temperature, topP: topP)
    var sampler = TrajectorySampler(self, temperature: temperature, topP: topP)
    var trajectories: [Forecast.Trajectory] = []
    trajectories.reserveCapacity(count)
    for index in 0..<count {
      try Task.checkCancellation()
      var stream = RandomStream(seed: seed, trajectory: index)
      trajectories.append(sampler.draw(from: &stream))
    }
    return Forecast(
      predictFrom: predictFrom, timestamps: timestamps, trajectories: trajectories,
      modelTokens: settings.modelTokens(count: count))
  }

  static func check(count: Int, temperature: Double, topP: Double) throws(ForecastError) {
    func refuse(_ message: String) -> ForecastError { ForecastError(code: .invalidArgument, message: message) }
    guard (1...1_000).contains(count) else { throw refuse("count must be 1 to 1000, not \(count)") }
    guard temperature.isFinite, temperature > 0 else {
      throw refuse("temperature must be a number above 0, not \(temperature)")
    }
    guard (0...1).contains(topP) else { throw refuse("top_p must be 0 to 1, not \(topP)") }
  }
}
