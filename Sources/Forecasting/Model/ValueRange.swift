/// Keeps a channel's arithmetic inside the range of a double.
///
/// Values beyond 1e100 are scaled down by a power of two, which is exact, before squares and sums of them are taken,
/// and back up on the way out.
struct ValueRange: Sendable {
  private let factor: Double

  init(_ values: [Double]) {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    factor = largest > 1e100 ? Double(sign: .plus, exponent: largest.exponent - 332, significand: 1) : 1
  }

  func enter(_ values: [Double]) -> [Double] { factor == 1 ? values : values.map { $0 / factor } }

  /// Never NaN or infinite.
  func leave(_ value: Double) -> Double {
    let scaled = value * factor
    if scaled.isFinite { return scaled }
    return scaled < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
  }
}
