/// The fuzzer's bytes, read as decisions; past their end every decision is zero.
package struct FuzzInput {
  private var rest: ArraySlice<UInt8>

  /// Copies what libFuzzer lends for one run.
  package init(_ bytes: UnsafePointer<UInt8>?, count: Int) {
    self.rest = Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))[...]
  }

  package var isEmpty: Bool { self.rest.isEmpty }

  package mutating func byte() -> UInt8 {
    self.rest.popFirst() ?? 0
  }

  /// A number below `limit`, which is 1 to 256.
  package mutating func number(below limit: Int) -> Int {
    Int(self.byte()) % limit
  }

  /// A number up to 65,535.
  package mutating func short() -> Int {
    Int(self.byte()) << 8 | Int(self.byte())
  }

  /// As many bytes as are left of `count`.
  package mutating func bytes(_ count: Int) -> [UInt8] {
    let part = self.rest.prefix(count)
    self.rest = self.rest.dropFirst(part.count)
    return Array(part)
  }

  /// Everything that is left.
  package mutating func remainder() -> [UInt8] {
    self.bytes(.max)
  }
}
