/// Centred moving averages.
enum MovingAverage {
  /// Averages over `2 * radius + 1` values, the ends repeated outwards; as many values as given.
  static func of(_ values: [Double], radius: Int) -> [Double] {
    values.indices.map { center in
      var sum = 0.0
      for offset in -radius...radius { sum += values[min(max(center + offset, 0), values.count - 1)] }
      return sum / Double(2 * radius + 1)
    }
  }
}
