/// Takes a channel to the size of 1 by a power of two, which is exact, so that no unit of measurement matters.
package struct BinaryScale: Sendable {
  /// The largest magnitude lies in 2^(exponent - 1) up to 2^exponent; 0 for zeros alone.
  package let exponent: Int
  /// 2^exponent itself may be out of range, its two halves never are.
  private let (up, upRest): (Double, Double)
  private let (down, downRest): (Double, Double)

  init(_ values: [Double]) {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    exponent = largest > 0 ? Int(largest.exponent) + 1 : 0
    let half = exponent / 2
    func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
    (up, upRest) = (power(half), power(exponent - half))
    (down, downRest) = (power(-half), power(half - exponent))
  }

  func enter(_ values: [Double]) -> [Double] { values.map { $0 * down * downRest } }

  /// Back to the channel's units; what is beyond a double's range is its largest value, and never NaN.
  func leave(_ value: Double) -> Double {
    let limit = Double.greatestFiniteMagnitude
    return min(max(value * up * upRest, -limit), limit)
  }
}
