import Glibc

/// The orthonormal DCT-II of one patch length.
package struct CosineBasis: Sendable {
  package let length: Int
  /// Row `k` holds the cosine of coefficient `k` over the points of a patch.
  package let rows: [Double]

  package init(length: Int) {
    self.length = length
    let scale = (2 / Double(length)).squareRoot()
    var rows: [Double] = []
    rows.reserveCapacity(length * length)
    for k in 0..<length {
      let height = k == 0 ? scale / 2.0.squareRoot() : scale
      let frequency = Double.pi * Double(k) / Double(length)
      for t in 0..<length { rows.append(height * cos(frequency * (Double(t) + 0.5))) }
    }
    self.rows = rows
  }

  /// The coefficients of one patch of values.
  package func coefficients(of patch: ArraySlice<Double>) -> [Double] {
    (0..<length).map { k in
      var sum = 0.0
      for (t, value) in patch.enumerated() { sum += rows[k * length + t] * value }
      return sum
    }
  }

  /// How much of a stationary series' covariance at each lag falls on each coefficient.
  ///
  /// Element `k * length + m` is the sum over `t` of `row[k][t] * row[k][t + m]`.
  package func lagWeights() -> [Double] {
    var weights = Array(repeating: 0.0, count: length * length)
    for k in 0..<length {
      for lag in 0..<length {
        var sum = 0.0
        for t in 0..<(length - lag) { sum += rows[k * length + t] * rows[k * length + t + lag] }
        weights[k * length + lag] = sum
      }
    }
    return weights
  }
}
