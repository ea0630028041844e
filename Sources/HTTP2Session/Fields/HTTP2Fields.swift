/// One field of a header or trailer section, pseudo-header fields included.
package struct HTTP2Field: Sendable, Hashable {
  /// Lower case on receipt (RFC 9113 section 8.2); lowered when sent.
  package var name: String
  /// Bytes that aren't UTF-8 arrive as U+FFFD.
  package var value: String

  /// Creates a field; pseudo-header fields must come before all others in a section.
  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A header or trailer section to send: prepared fields, then others.
package struct HTTP2Section: Sendable {
  package var prepared: HTTP2PreparedFields?
  package var fields: [HTTP2Field]

  /// Creates a section; pseudo-header fields must come before all others.
  package init(_ prepared: HTTP2PreparedFields? = nil, _ fields: [HTTP2Field] = []) {
    self.prepared = prepared
    self.fields = fields
  }
}

/// A received header or trailer section: its fields in the order of receipt, pseudo-header fields included.
///
/// A field is decoded when it is asked for. The sections of one `receive` call share their storage, which lives as long
/// as one of them does.
package struct HTTP2Fields: Sendable {
  private let storage: FieldStorage
  private let start: Int
  package let count: Int

  init(_ storage: FieldStorage, entries: Range<Int>) {
    self.storage = storage
    self.start = entries.lowerBound
    self.count = entries.count
  }

  /// The same fields in a storage of their own, for whoever keeps them longer than the other sections live.
  package func copy() -> Self {
    Self(FieldStorage(copying: self.start..<self.start + self.count, of: self.storage), entries: 0..<self.count)
  }

  /// Lends the undecoded name and value of each field in turn, with its position.
  package func forEachBytes(_ body: (Int, UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void) {
    self.storage.forEachBytes(in: self.start..<self.start + self.count, body)
  }

  /// The value at `position`; bytes that aren't UTF-8 become U+FFFD.
  package func value(at position: Int) -> String {
    self.storage.withBytes(at: self.start + position) { String(decoding: $1, as: UTF8.self) }
  }
}

extension HTTP2Fields: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { self.count }

  package subscript(position: Int) -> HTTP2Field {
    precondition(position >= 0 && position < self.count, "No such field")
    return self.storage.withBytes(at: self.start + position) { name, value in
      HTTP2Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
  }
}

extension HTTP2Fields: Hashable {
  package static func == (left: Self, right: Self) -> Bool {
    left.elementsEqual(right)
  }

  package func hash(into hasher: inout Hasher) {
    for field in self {
      hasher.combine(field)
    }
  }
}
