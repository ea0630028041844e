import ForecastChart

/// Whole numbers, as pages show them.
package enum Count {
  /// The number with a comma between thousands.
  package static func text(_ number: some BinaryInteger) -> String {
    NumberStyle.grouped(number)
  }

  /// The number with its noun: `1 row`, `2 rows`.
  package static func text(_ number: some BinaryInteger, _ singular: String, _ plural: String) -> String {
    "\(text(number)) \(number == 1 ? singular : plural)"
  }
}
