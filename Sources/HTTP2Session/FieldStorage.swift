/// The bytes of the sections that one `receive` call brought.
///
/// `@unchecked Sendable`: the recorder appends only during a `receive` call, and before the next one it replaces a storage
/// that anybody else still holds. So what others hold no longer changes.
final class FieldStorage: @unchecked Sendable {
  /// Where a field's name starts; its value follows it.
  fileprivate struct Entry {
    var start: Int
    var nameCount: Int
    var valueCount: Int
  }

  private struct Contents {
    var entries: [Entry] = []
    var bytes: [UInt8] = []
  }

  /// Behind a pointer, so that the accesses for each field aren't checked at run time.
  private let contents: UnsafeMutablePointer<Contents>

  /// What is kept for the next call once a section was larger.
  private static let keptBytes = 1 << 15

  init() {
    self.contents = .allocate(capacity: 1)
    self.contents.initialize(to: Contents())
  }

  /// Takes over the fields of a section that isn't complete.
  convenience init(movingFrom other: FieldStorage, entriesFrom first: Int) {
    self.init()
    other.forEachBytes(in: first..<other.count) { self.append(name: $1, value: $2) }
  }

  deinit {
    self.contents.deinitialize(count: 1).deallocate()
  }

  /// The number of fields.
  var count: Int { self.contents.pointee.entries.count }

  func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    self.contents.pointee.entries.append(
      Entry(start: self.contents.pointee.bytes.count, nameCount: name.count, valueCount: value.count))
    self.contents.pointee.bytes.append(contentsOf: name)
    self.contents.pointee.bytes.append(contentsOf: value)
  }

  /// Drops the fields from `first` on.
  func truncate(to first: Int) {
    guard first < self.count else { return }
    let start = self.contents.pointee.entries[first].start
    self.contents.pointee.bytes.removeLast(self.contents.pointee.bytes.count - start)
    self.contents.pointee.entries.removeLast(self.count - first)
  }

  func removeAll() {
    let keepsCapacity = self.contents.pointee.bytes.capacity <= Self.keptBytes
    self.contents.pointee.bytes.removeAll(keepingCapacity: keepsCapacity)
    self.contents.pointee.entries.removeAll(keepingCapacity: keepsCapacity)
  }

  /// Lends a field's name and value.
  func withBytes<Result>(
    at position: Int, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    self.contents.pointee.bytes.withUnsafeBufferPointer { bytes in
      let (name, value) = self.contents.pointee.entries[position].parts(of: bytes)
      return body(name, value)
    }
  }

  /// Lends the names and values of several fields, with their positions among these.
  func forEachBytes(
    in positions: Range<Int>, _ body: (Int, UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    self.contents.pointee.bytes.withUnsafeBufferPointer { bytes in
      self.contents.pointee.entries.withUnsafeBufferPointer { entries in
        for position in positions {
          let (name, value) = entries[position].parts(of: bytes)
          body(position - positions.lowerBound, name, value)
        }
      }
    }
  }
}

extension FieldStorage.Entry {
  fileprivate func parts(
    of bytes: UnsafeBufferPointer<UInt8>
  ) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    let valueStart = self.start + self.nameCount
    return (
      UnsafeBufferPointer(rebasing: bytes[self.start..<valueStart]),
      UnsafeBufferPointer(rebasing: bytes[valueStart..<valueStart + self.valueCount])
    )
  }
}
