/// The Gaussian copula that ties the tokens of several channels together.
package struct ChannelCopula: Sendable {
  let channels: Int
  /// Lower triangle, row by row, each row of unit length.
  package let factor: [Double]

  /// Learns the correlations of the channels' past tokens, shrunk towards none.
  ///
  /// - Returns: nil for one channel, or where the past says too little.
  package init?(_ covariances: [TokenCovariance], patchLength: Int) {
    let (channels, origins) = (covariances.count, covariances.map(\.pastTokens.count).min() ?? 0)
    guard channels > 1, origins > 0, let patches = covariances.first?.pastTokens.first?.count else { return nil }
    var sums = Array(repeating: 0.0, count: channels * channels)
    var rows = 0
    for origin in 0..<origins {
      for patch in 0..<patches {
        let tokens = covariances.compactMap { $0.pastTokens[origin][patch] }
        guard tokens.count == channels else { continue }
        for coefficient in 0..<patchLength {
          rows += 1
          let row = tokens.map { min(max($0[coefficient], -4), 4) }
          for i in 0..<channels {
            for j in 0...i { sums[i * channels + j] += row[i] * row[j] }
          }
        }
      }
    }
    guard rows > 4 * patchLength else { return nil }
    let effective = Double(rows) / Double(patchLength)
    let trust = effective / (effective + 5)
    let sizes = (0..<channels).map { (sums[$0 * channels + $0] + 1e-12).squareRoot() }
    var matrix = sums
    for i in 0..<channels {
      for j in 0...i {
        matrix[i * channels + j] = i == j ? 1 + 1e-6 : trust * sums[i * channels + j] / (sizes[i] * sizes[j])
      }
    }
    var factor = CholeskyFactor.of(matrix, size: channels)
    for i in 0..<channels {
      let row = i * channels..<(i + 1) * channels
      let length = factor[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in row { factor[index] /= length }
    }
    self.channels = channels
    self.factor = factor
  }
}
