import Glibc

/// Tokens of a count-like channel: the distinct values themselves, and how likely each is at each step ahead.
package struct ValueCodec: Sendable {
  /// Ascending, to the size of 1.
  package let values: [Double]
  /// Of each candidate, with a sum of 1.
  package let weights: [Double]
  /// Row by row, one a step.
  package let probabilities: [Double]

  private static let sharpness = 20.0

  /// Mixes the candidates by the score that they had at the backtest origins.
  ///
  /// - Parameters:
  ///   - history: to the size of 1.
  ///   - mixture: normalised, as is the scale of each step.
  init(
    _ history: [Double], periods: [Int], mixture: PathMixture, stepScale: [Double], normalisation: Normalisation
  ) {
    let backtest = mixture.backtest
    let (horizon, distinct) = (backtest.horizon, DistinctValues(history))
    let candidates = CodecCandidates(distinct, periods: periods, first: backtest.first, horizon: horizon)
    let scale = stepScale.map { max($0 * normalisation.width, 1e-12) }
    var score = RankedScore(distinct.values, candidates: candidates.count)
    for (index, origin) in backtest.origins.enumerated() {
      let start = index * horizon
      let path = mixture.backtestPaths[start..<(start + horizon)].map(normalisation.undo)
      let outcomes = history[origin..<(origin + backtest.known(index))]
      score.begin(outcomes, decay: backtest.decays[index])
      candidates.forEach(at: origin, path: path, scale: scale) { score.add($0, probabilities: $1, rows: $2) }
    }
    let weights = Self.weights(of: score.means, values: distinct.values)
    var mixed = Array(repeating: 0.0, count: horizon * distinct.values.count)
    candidates.forEach(at: history.count, path: mixture.path.map(normalisation.undo), scale: scale) {
      index, probabilities, _ in
      for place in mixed.indices { mixed[place] += weights[index] * probabilities[place % probabilities.count] }
    }
    values = distinct.values
    self.weights = weights
    probabilities = mixed
  }

  private static func weights(of scores: [Double], values: [Double]) -> [Double] {
    let best = (scores.min() ?? 0) + 1e-9 * (values[values.count - 1] - values[0])
    let weights = scores.map { exp(-sharpness * ($0 / best - 1)) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }
}
