/// The Gaussian copula that ties the tokens of several channels together.
package struct ChannelCopula: Sendable {
  let channels: Int
  /// Packed lower triangle, each row of unit length.
  package let factor: [Double]

  /// Past tokens beyond so many deviations are no guide to correlation.
  private static let clip = 4.0
  /// Patches at which the correlations that were seen count by half.
  private static let priorPatches = 5.0
  private static let fewestPatches = 4

  /// Learns the correlations of the channels' past tokens, shrunk towards none.
  ///
  /// - Parameters:
  ///   - tokens: of each channel the coefficients of its past errors, over their deviations; all of one count.
  ///   - length: coefficients of a patch.
  /// - Returns: nil for one channel, or where the past says too little.
  init?(_ tokens: [[Double]], length: Int) {
    let channels = tokens.count
    let rows = tokens.map(\.count).min() ?? 0
    guard channels > 1, rows > Self.fewestPatches * length else { return nil }
    let clipped = tokens.map { $0.map { min(max($0, -Self.clip), Self.clip) } }
    let patches = Double(rows) / Double(length)
    let trust = patches / (patches + Self.priorPatches)
    let sizes = clipped.map { (Self.product($0, $0, rows) + 1e-12).squareRoot() }
    var factor: [Double] = []
    factor.reserveCapacity(CholeskyFactor.size(of: channels))
    for i in 0..<channels {
      for j in 0..<i {
        factor.append(trust * Self.product(clipped[i], clipped[j], rows) / (sizes[i] * sizes[j]))
      }
      factor.append(1 + 1e-6)
    }
    CholeskyFactor.factorise(&factor, rows: channels)
    for i in 0..<channels {
      let row = CholeskyFactor.size(of: i)..<CholeskyFactor.size(of: i + 1)
      let size = factor[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in row { factor[index] /= size }
    }
    self.channels = channels
    self.factor = factor
  }

  /// The variate of one channel at one position, from independent ones: those of all channels lie together.
  func variate(of channel: Int, at position: Int, from independent: [Double]) -> Double {
    let (row, first) = (CholeskyFactor.size(of: channel), position * channels)
    var variate = 0.0
    for other in 0...channel { variate += factor[row + other] * independent[first + other] }
    return variate
  }

  private static func product(_ left: [Double], _ right: [Double], _ count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += left[index] * right[index] }
    return sum
  }
}
