import Glibc

/// The orthonormal DCT-II of one patch length.
package struct CosineBasis: Sendable {
  package let length: Int
  /// Row `k` holds the cosine of coefficient `k` over the points of a patch.
  package let rows: [Double]
  /// How much of a stationary series' covariance at each lag falls on each coefficient.
  ///
  /// Element `k * length + m` is the sum over `t` of `row[k][t] * row[k][t + m]`.
  let lagWeights: [Double]

  private static let cache = PlanCache(limit: 32) { CosineBasis(length: $0) }

  /// The basis of a patch length, 1 to 256, made once.
  package static func of(length: Int) -> CosineBasis { cache.plan(for: length) }

  private init(length: Int) {
    self.length = length
    let scale = (2 / Double(length)).squareRoot()
    var (rows, weights) = ([Double](), [Double]())
    rows.reserveCapacity(length * length)
    weights.reserveCapacity(length * length)
    for k in 0..<length {
      let height = k == 0 ? scale / 2.0.squareRoot() : scale
      let frequency = Double.pi * Double(k) / Double(length)
      for t in 0..<length { rows.append(height * cos(frequency * (Double(t) + 0.5))) }
      // The sum of cos(f (t + 1/2)) cos(f (t + m + 1/2)) over t in closed form.
      for lag in 0..<length {
        let pairs = Double(length - lag)
        let sum = k == 0 ? pairs : pairs * cos(frequency * Double(lag)) - sin(frequency * Double(lag)) / sin(frequency)
        weights.append(sum / Double(length))
      }
    }
    self.rows = rows
    lagWeights = weights
  }

  /// The coefficients of one patch, whose values start at `start`.
  func coefficients(of values: [Double], from start: Int, into coefficients: inout [Double], at place: Int) {
    values.withUnsafeBufferPointer { values in
      rows.withUnsafeBufferPointer { rows in
        for k in 0..<length {
          var sum = 0.0
          for t in 0..<length { sum += rows[k * length + t] * values[start + t] }
          coefficients[place + k] = sum
        }
      }
    }
  }
}
