/// What makes the places of an index's entries impossible to foresee: who can choose what is kept, such as secrets by
/// trial of their hashes, could fill one place of it otherwise, and make every search a long one.
package struct IndexSeed: Sendable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Draws a seed.
  package init(using generator: inout some RandomNumberGenerator) {
    words = (generator.next(), generator.next(), generator.next(), generator.next())
  }

  /// Draws a seed for the life of the process.
  package init() {
    var generator = SystemRandomNumberGenerator()
    self.init(using: &generator)
  }

  /// The place of a secret's hash.
  package func place(of hash: SecretHash) -> UInt64 { place(of: hash.words) }

  /// The place of an id.
  func place(of text: InlineText) -> UInt64 { place(of: text.words) }

  /// Mixes by products of 128 bits, whose halves are combined, as wyhash does.
  private func place(of value: (UInt64, UInt64, UInt64, UInt64)) -> UInt64 {
    let first = Self.mix(value.0 ^ words.0, value.1 ^ words.1)
    let second = Self.mix(value.2 ^ words.2, value.3 ^ words.3)
    return Self.mix(first ^ words.1, second ^ words.3)
  }

  private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = one.multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}
