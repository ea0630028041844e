/// Whole numbers, as pages show them.
package enum Count {
  /// The number with a comma between thousands.
  package static func text(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "\u{2212}" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// The number with its noun: `1 row`, `2 rows`.
  package static func text(_ number: some BinaryInteger, _ singular: String, _ plural: String) -> String {
    "\(text(number)) \(number == 1 ? singular : plural)"
  }
}
