/// The bytes of the sections that one `receive` call brought.
///
/// `@unchecked Sendable`: the recorder appends only during a `receive` call, and before the next one it replaces a storage
/// that anybody else still holds. So what others hold no longer changes.
final class FieldStorage: @unchecked Sendable {
  /// Where a field's name starts; its value follows it.
  struct Entry {
    var start: Int
    var nameCount: Int
    var valueCount: Int
  }

  private(set) var entries: [Entry] = []
  private var bytes: [UInt8] = []

  /// What is kept for the next call once a section was larger.
  private static let keptBytes = 1 << 15

  init() {}

  /// Takes over the fields of a section that isn't complete.
  init(movingFrom other: FieldStorage, entriesFrom first: Int) {
    for position in first..<other.entries.count {
      other.withBytes(at: position) { self.append(name: $0, value: $1) }
    }
  }

  func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    self.entries.append(Entry(start: self.bytes.count, nameCount: name.count, valueCount: value.count))
    self.bytes.append(contentsOf: name)
    self.bytes.append(contentsOf: value)
  }

  /// Drops the fields from `first` on.
  func truncate(to first: Int) {
    guard first < self.entries.count else { return }
    self.bytes.removeLast(self.bytes.count - self.entries[first].start)
    self.entries.removeLast(self.entries.count - first)
  }

  func removeAll() {
    let keepsCapacity = self.bytes.capacity <= Self.keptBytes
    self.bytes.removeAll(keepingCapacity: keepsCapacity)
    self.entries.removeAll(keepingCapacity: keepsCapacity)
  }

  /// Lends a field's name and value.
  func withBytes<Result>(
    at position: Int, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let entry = self.entries[position]
    return self.bytes.withUnsafeBufferPointer { bytes in
      let valueStart = entry.start + entry.nameCount
      return body(
        UnsafeBufferPointer(rebasing: bytes[entry.start..<valueStart]),
        UnsafeBufferPointer(rebasing: bytes[valueStart..<valueStart + entry.valueCount]))
    }
  }
}
