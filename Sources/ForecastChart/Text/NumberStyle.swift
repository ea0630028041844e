import Foundation

/// The notation of the numbers of one series: they line up, and none has digits that say nothing.
package struct NumberStyle: Sendable, Hashable {
  /// Digits behind the point. `nil`: in powers of ten, `1.234e20`.
  private let decimals: Int?

  /// Chooses by the range that the numbers lie in: so that it has some thousand steps.
  package init(low: Double, high: Double) {
    let scale = max(abs(low), abs(high))
    guard scale.isFinite else {
      decimals = nil
      return
    }
    let exponent = PowerOfTen.exponent(of: scale)
    guard scale == 0 || (-4..<15).contains(exponent) else {
      decimals = nil
      return
    }
    // A range far below the level would ask for more digits than anyone reads.
    let span = low == high ? scale : max(high - low, scale * 1e-4)
    decimals = min(max(2 - PowerOfTen.exponent(of: span / 5), 0), 9)
  }

  /// The number in words of this style.
  package func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    guard let decimals, abs(value) < 1e15 else { return Self.scientific(value) }
    return Self.fixed(value, decimals: decimals)
  }

  /// The number with so many digits behind the point, 0 to 18, and a comma between thousands.
  static func fixed(_ value: Double, decimals: Int) -> String {
    let scaled = (PowerOfTen.scaled(abs(value), by: decimals)).rounded()
    guard scaled < 9e18 else { return scientific(value) }
    var power: UInt64 = 1
    for _ in 0..<decimals { power *= 10 }
    let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: power)
    var text = grouped(whole)
    if decimals > 0 {
      let digits = String(fraction)
      text += "." + String(repeating: "0", count: decimals - digits.count) + digits
    }
    return (value < 0 && scaled > 0 ? "\u{2212}" : "") + text
  }

  /// A whole number with a comma between thousands.
  package static func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "\u{2212}" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// The number in powers of ten.
  static func scientific(_ value: Double, decimals: Int = 3) -> String {
    guard value != 0 else { return "0" }
    var exponent = PowerOfTen.exponent(of: value)
    var digits = fixed(PowerOfTen.scaled(abs(value), by: -exponent), decimals: decimals)
    if digits.hasPrefix("10") {
      exponent += 1
      digits = fixed(1, decimals: decimals)
    }
    return (value < 0 ? "\u{2212}" : "") + digits + "e" + (exponent < 0 ? "\u{2212}" : "") + String(exponent.magnitude)
  }
}

/// Scaling by powers of ten over the whole range of a double.
enum PowerOfTen {
  /// The power of ten of a number's first digit; 0 for zero.
  static func exponent(of value: Double) -> Int {
    let magnitude = abs(value)
    guard magnitude > 0, magnitude.isFinite else { return 0 }
    let exponent = Int(log10(magnitude).rounded(.down))
    // The logarithm of a number just below a power may be rounded up to it.
    return scaled(magnitude, by: -exponent) < 1 ? exponent - 1 : exponent
  }

  /// `value` times ten to the `exponent`, in two steps, neither of which leaves the range where the result lies in it.
  static func scaled(_ value: Double, by exponent: Int) -> Double {
    let half = exponent / 2
    return value * pow(10, Double(half)) * pow(10, Double(exponent - half))
  }
}
