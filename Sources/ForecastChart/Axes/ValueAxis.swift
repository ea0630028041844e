/// The scale of values: from a round number below them to a round number above, with a mark at each.
package struct ValueAxis: Sendable {
  package let ticks: [AxisTick]
  /// Everything is reckoned in units of ten to this power, in which no difference can leave the range of a double.
  private let exponent: Int
  private let low: Double
  private let high: Double

  /// Makes a scale for values between two finite ones.
  /// - Parameter most: About how many marks there may be.
  package init(low: Double, high: Double, most: Int = 5) {
    let scale = max(abs(low), abs(high))
    exponent = PowerOfTen.exponent(of: scale)
    var (bottom, top) = (PowerOfTen.scaled(low, by: -exponent), PowerOfTen.scaled(high, by: -exponent))
    if scale == 0 { (bottom, top) = (-1, 1) }
    let middle = bottom / 2 + top / 2
    if top - bottom < 1e-9 {
      // All values are one: it runs through the middle.
      (bottom, top) = (bottom - 0.5, top + 0.5)
    } else if top - bottom < 1e-3 {
      (bottom, top) = (middle - 5e-4, middle + 5e-4)
    }
    // Zero is worth seeing where it is near.
    if bottom > 0, bottom < 0.4 * top { bottom = 0 }
    if top < 0, top > 0.4 * bottom { top = 0 }
    let step = Self.step(span: top - bottom, most: most)
    let (first, last) = (Int((bottom / step + 1e-9).rounded(.down)), Int((top / step - 1e-9).rounded(.up)))
    self.low = Double(first) * step
    self.high = Double(max(last, first + 1)) * step
    let (axisLow, span, unit) = (self.low, self.high - self.low, exponent)
    ticks = (first...max(last, first + 1)).map { index in
      let value = Double(index) * step
      return AxisTick(
        position: (value - axisLow) / span, label: Self.label(value, step: step, exponent: unit), isStrong: index == 0)
    }
  }

  /// The place of a value: 0 at the bottom, 1 at the top; at most as far outside again.
  package func position(_ value: Double) -> Double {
    let position = (PowerOfTen.scaled(value, by: -exponent) - low) / (high - low)
    return position.isNaN ? 0 : min(max(position, -1), 2)
  }

  /// 1, 2 or 5 times a power of ten.
  private static func step(span: Double, most: Int) -> Double {
    let raw = span / Double(most)
    let power = PowerOfTen.scaled(1, by: PowerOfTen.exponent(of: raw))
    let factor = [1, 2, 5].first { $0 * power >= raw * 0.999 } ?? 10
    return factor * power
  }

  private static func label(_ value: Double, step: Double, exponent: Int) -> String {
    let digits = max(0, -PowerOfTen.exponent(of: step))
    guard value != 0 else { return "0" }
    let units: [(power: Int, suffix: String)] = [(12, "T"), (9, "B"), (6, "M"), (0, "")]
    guard (-4..<15).contains(exponent), let unit = units.first(where: { exponent >= $0.power || $0.power == 0 }) else {
      let text = NumberStyle.fixed(value, decimals: digits)
      return text + "e" + (exponent < 0 ? "\u{2212}" : "") + String(exponent.magnitude)
    }
    let decimals = max(0, digits - exponent + unit.power)
    return NumberStyle.fixed(PowerOfTen.scaled(value, by: exponent - unit.power), decimals: decimals) + unit.suffix
  }
}
