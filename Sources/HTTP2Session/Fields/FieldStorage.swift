/// The bytes of the sections that one `receive` call brought.
///
/// `@unchecked Sendable`: the recorder appends only during a `receive` call, and before the next one it replaces a
/// storage that anybody else still holds. So what others hold no longer changes.
final class FieldStorage: @unchecked Sendable {
  /// Where a field's name starts; its value follows it.
  fileprivate struct Entry {
    var start: Int
    var nameCount: Int
    var valueCount: Int
  }

  /// Both behind pointers, which cost no check of their uniqueness or bounds for each field.
  private var entries = UnsafeMutableBufferPointer<Entry>(start: nil, count: 0)
  private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// The number of fields.
  private(set) var count = 0
  private var byteCount = 0

  /// What is kept for the next call once a section was larger.
  private static let keptBytes = 1 << 15

  init() {}

  /// Copies some of the fields of another.
  convenience init(copying entries: Range<Int>, of other: FieldStorage) {
    self.init()
    other.forEachBytes(in: entries) { self.append(name: $1, value: $2) }
  }

  deinit {
    self.entries.deallocate()
    self.bytes.deallocate()
  }

  func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    let size = name.count + value.count
    if self.count == self.entries.count || self.bytes.count - self.byteCount < size {
      self.grow(by: size)
    }
    self.entries[self.count] = Entry(start: self.byteCount, nameCount: name.count, valueCount: value.count)
    self.count += 1
    let target = UnsafeMutableRawBufferPointer(rebasing: self.bytes[self.byteCount..<self.byteCount + size])
    target.copyBytes(from: name)
    UnsafeMutableRawBufferPointer(rebasing: target[name.count...]).copyBytes(from: value)
    self.byteCount += size
  }

  /// Makes room for one more field with `size` bytes.
  private func grow(by size: Int) {
    let entries = UnsafeMutableBufferPointer<Entry>.allocate(capacity: max(16, self.count * 2))
    _ = entries.initialize(fromContentsOf: self.entries[..<self.count])
    self.entries.deallocate()
    self.entries = entries
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(512, (self.byteCount + size) * 2), alignment: 1)
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.bytes[..<self.byteCount]))
    self.bytes.deallocate()
    self.bytes = bytes
  }

  /// Drops the fields from `first` on.
  func truncate(to first: Int) {
    guard first < self.count else { return }
    self.byteCount = self.entries[first].start
    self.count = first
  }

  /// The memory that it takes.
  var heldBytes: Int { self.bytes.count + self.entries.count * MemoryLayout<Entry>.stride }

  /// Whether it takes more memory than is worth keeping.
  var isLarge: Bool { self.heldBytes > Self.keptBytes }

  func removeAll() {
    self.truncate(to: 0)
  }

  /// Lends a field's name and value.
  func withBytes<Result>(
    at position: Int, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let (name, value) = self.entries[position].parts(of: UnsafeRawBufferPointer(self.bytes))
    return body(name, value)
  }

  /// Lends the names and values of several fields, with their positions among these.
  func forEachBytes(
    in positions: Range<Int>, _ body: (Int, UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let bytes = UnsafeRawBufferPointer(self.bytes)
    for position in positions {
      let (name, value) = self.entries[position].parts(of: bytes)
      body(position - positions.lowerBound, name, value)
    }
  }
}

extension FieldStorage.Entry {
  fileprivate func parts(
    of bytes: UnsafeRawBufferPointer
  ) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    let start = bytes.baseAddress?.advanced(by: self.start).assumingMemoryBound(to: UInt8.self)
    return (
      UnsafeBufferPointer(start: start, count: self.nameCount),
      UnsafeBufferPointer(start: start?.advanced(by: self.nameCount), count: self.valueCount)
    )
  }
}
