/// Cuts bytes that come piece by piece into lines, and holds one of them at a time.
package struct LineSplitter {
  /// A line without its end.
  package enum Line: Hashable, Sendable {
    case bytes([UInt8])
    /// A line of more than ``longest`` bytes, of which nothing was kept.
    case tooLong
  }

  /// The longest line, in bytes: a context of 64 series and 40,000 points has about as many.
  package static let longest = 64 << 20

  private let longest: Int
  private var bytes: [UInt8] = []
  private var isTooLong = false

  /// Creates a splitter at the start of a text.
  package init(longest: Int = Self.longest) {
    self.longest = longest
  }

  /// Takes the next bytes, and returns the lines that end in them.
  package mutating func read(_ chunk: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var rest = chunk[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      append(rest[..<end])
      lines.append(take())
      rest = rest[(end + 1)...]
    }
    append(rest)
    return lines
  }

  /// Returns the last line where it has no end. `nil`: nothing is left.
  package mutating func finish() -> Line? {
    bytes.isEmpty && !isTooLong ? nil : take()
  }

  private mutating func append(_ part: ArraySlice<UInt8>) {
    isTooLong = isTooLong || part.count > longest - bytes.count
    if isTooLong { bytes = [] } else { bytes.append(contentsOf: part) }
  }

  private mutating func take() -> Line {
    defer { (bytes, isTooLong) = ([], false) }
    return isTooLong ? .tooLong : .bytes(bytes)
  }
}
