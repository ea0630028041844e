/// A number of a JSON text.
struct JSONNumber: Hashable {
  /// The nearest double; infinite when the number is larger than any.
  let value: Double
  /// The number when it has no fraction and fits: `5`, `5.0` and `5e0` are all 5.
  let integer: Int64?

  /// Creates a number from an integer literal.
  init(_ integer: Int64) {
    self.value = Double(integer)
    self.integer = integer
  }

  /// Creates a number from any other literal.
  /// - Parameter isWhole: Whether the literal has no fraction; its nearest double may have lost one.
  init(_ value: Double, isWhole: Bool) {
    self.value = value
    self.integer = isWhole ? Int64(exactly: value) : nil
  }
}
