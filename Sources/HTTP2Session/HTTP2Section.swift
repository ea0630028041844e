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
