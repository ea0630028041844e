/// A few bytes sent before a payload, such as a length, without joining the two in memory; at most 8.
package struct HTTP2DataPrefix: Sendable, Hashable {
  /// The bytes, the first in the highest place of `count`.
  private let bits: UInt64
  package let count: Int

  /// Nothing.
  package static let empty = Self(bits: 0, count: 0)

  /// Takes the lowest `count` bytes of `bits`, the most significant first.
  package init(bits: UInt64, count: Int) {
    precondition((0...8).contains(count), "A prefix has at most 8 bytes")
    self.bits = bits
    self.count = count
  }

  /// The byte at `index`, which is below ``count``.
  subscript(index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: self.bits >> UInt64(8 * (self.count - 1 - index)))
  }
}
