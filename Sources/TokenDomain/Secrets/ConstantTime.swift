import Crypto

/// Comparisons whose time does not depend on where two values differ.
package enum ConstantTime {
  /// Whether two byte strings are equal. Only their lengths influence the time.
  package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    // Swift Crypto compares keys in constant time; our own loop would be at the optimizer's mercy.
    SymmetricKey(data: left) == SymmetricKey(data: right)
  }
}
