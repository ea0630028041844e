/// The ways to tell how likely each value of a count-like channel is: by age, by phase of its periods, and by its path.
struct CodecCandidates {
  /// One way but the path: how much of a histogram by phase to believe.
  private struct Histogram {
    let period: Int
    /// Share of the history over which a point's weight falls by e.
    let share: Double
    /// Points that the histogram of all phases counts as.
    let prior: Double
  }

  private static let shares = [0.05, 0.25]
  private static let fewestPoints = 6.0
  /// Hardly, and for phases with few points.
  private static let priors = [0.1, 8]

  private let histograms: [Histogram]
  /// The histograms by share, so that its weights and the histogram of all phases are made once.
  private let order: [Int]
  private let distinct: DistinctValues
  private let horizon: Int
  /// Half way between neighbouring values.
  private let middles: [Double]

  /// - Parameter first: points known at the first origin: only periods that it knows two of count.
  init(_ distinct: DistinctValues, periods: [Int], first: Int, horizon: Int) {
    self.distinct = distinct
    self.horizon = horizon
    middles = zip(distinct.values, distinct.values.dropFirst()).map { ($0 + $1) / 2 }
    let histograms =
      Self.shares.map { Histogram(period: 1, share: $0, prior: 0) }
      + periods.prefix(2).filter { first >= 2 * $0 }.flatMap { period in
        Self.shares.flatMap { share in
          Self.priors.map { Histogram(period: period, share: share, prior: $0) }
        }
      }
    order = histograms.indices.sorted { (histograms[$0].share, $0) < (histograms[$1].share, $1) }
    self.histograms = histograms
  }

  /// The histograms, and the path last.
  var count: Int { histograms.count + 1 }

  /// Calls `use` with each candidate's probabilities, row by row; row `h % rows` is that of step `h`.
  ///
  /// - Parameters:
  ///   - end: points known.
  ///   - path: in the channel's units, one a step, with its standard deviations.
  func forEach(
    at end: Int, path: [Double], scale: [Double], _ use: (_ index: Int, _ probabilities: [Double], _ rows: Int) -> Void
  ) {
    let values = distinct.values.count
    var (share, weights, base) = (-1.0, [Double](), [Double]())
    var (period, histogram) = (0, PhaseHistogram?.none)
    for index in order {
      let candidate = histograms[index]
      if candidate.share != share {
        share = candidate.share
        period = 0
        weights = PhaseHistogram.weights(span: max(Self.fewestPoints, share * Double(end)), count: end)
      }
      if candidate.period != period {
        period = candidate.period
        histogram = PhaseHistogram(
          distinct.tokens, values: values, before: end, period: period, horizon: horizon, weights: weights)
      }
      guard let histogram else { continue }
      if period == 1 { base = histogram.counts.map { $0 / histogram.masses[0] } }
      var probabilities = histogram.counts
      for row in 0..<histogram.rows {
        let mass = histogram.masses[row] + candidate.prior
        for value in 0..<values {
          let place = row * values + value
          probabilities[place] = (probabilities[place] + candidate.prior * base[value]) / mass
        }
      }
      use(index, probabilities, histogram.rows)
    }
    use(histograms.count, pathProbabilities(path: path, scale: scale), horizon)
  }

  /// The path as a normal distribution, cut half way between the values.
  private func pathProbabilities(path: [Double], scale: [Double]) -> [Double] {
    var probabilities: [Double] = []
    probabilities.reserveCapacity(horizon * distinct.values.count)
    for step in 0..<horizon {
      var below = 0.0
      for middle in middles {
        let next = StandardNormal.cumulative((middle - path[step]) / scale[step])
        probabilities.append(next - below)
        below = next
      }
      probabilities.append(1 - below)
    }
    return probabilities
  }
}
