import Crypto

/// Comparisons whose time does not depend on where two values differ.
package enum ConstantTime {
  /// Whether two byte strings are equal. Only their lengths influence the time.
  package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    // Swift Crypto compares keys in constant time; our own loop would be at the optimizer's mercy.
    SymmetricKey(data: left) == SymmetricKey(data: right)
  }

  /// Whether two hashes are equal: all of both is combined before anything is decided, without a loop to leave early.
  static func areEqual(
    _ left: (UInt64, UInt64, UInt64, UInt64), _ right: (UInt64, UInt64, UInt64, UInt64)
  ) -> Bool {
    let left = SIMD4(left.0, left.1, left.2, left.3)
    let difference = left ^ SIMD4(right.0, right.1, right.2, right.3)
    return (difference[0] | difference[1]) | (difference[2] | difference[3]) == 0
  }
}
