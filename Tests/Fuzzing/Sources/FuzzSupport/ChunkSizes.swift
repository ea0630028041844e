/// An endless series of chunk sizes that one byte of input stands for.
package struct ChunkSizes {
  private var state: UInt32

  package init(seed: UInt8) {
    self.state = UInt32(seed) &* 2_654_435_761 | 1
  }

  /// 1 to 64, small ones more often: they cut frame headers and prefixes.
  package mutating func next() -> Int {
    self.state = self.state &* 1_664_525 &+ 1_013_904_223
    return 1 + Int((self.state >> 16) & (self.state >> 24) & 0x3f)
  }

  /// Cuts `bytes` into chunks of these sizes.
  package mutating func chunks(of bytes: [UInt8]) -> [[UInt8]] {
    var rest = bytes[...]
    var chunks: [[UInt8]] = []
    while !rest.isEmpty {
      let chunk = rest.prefix(self.next())
      chunks.append(Array(chunk))
      rest = rest.dropFirst(chunk.count)
    }
    return chunks
  }
}
