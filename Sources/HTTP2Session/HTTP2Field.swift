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
