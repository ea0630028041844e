import Hummingbird

/// The fields of a form, as `application/x-www-form-urlencoded` writes them (WHATWG URL, section 5).
package struct FormFields: Sendable {
  /// The longest form that is read, in bytes.
  package static let limit = 64 << 10
  /// The most fields of a form.
  package static let maximumCount = 512

  private var values: [String: [String]] = [:]

  /// No fields.
  package init() {}

  /// Reads the fields that a query holds. One that cannot be read is none.
  package init(query: String?) {
    self = (try? FormFields(encoded: query ?? "")) ?? FormFields()
  }

  /// Reads a form.
  /// - Throws: ``PageError`` when it is too long, of another type, or malformed.
  init(body: BodyReader.Body, headers: HTTPFields) throws(PageError) {
    guard let bytes = body.bytes, !body.isEndless else { throw .formTooLarge }
    let type = headers[.contentType]?.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " } }
    guard type == "application/x-www-form-urlencoded" else { throw .wrongFormType }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformedForm }
    try self.init(encoded: text)
  }

  /// Reads encoded fields.
  /// - Throws: ``PageError`` when a field is malformed, or there are too many.
  package init(encoded text: String) throws(PageError) {
    let pairs = text.split(separator: "&")
    guard pairs.count <= Self.maximumCount else { throw .malformedForm }
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]), let value = parts.count == 2 ? Self.decoded(parts[1]) : "" else {
        throw .malformedForm
      }
      values[name, default: []].append(value)
    }
  }

  /// The first value of a field as it was sent; empty when there is none.
  package subscript(name: String) -> String {
    values[name]?.first ?? ""
  }

  /// The first value of a field without spaces around it; empty when there is none.
  package func text(_ name: String) -> String {
    let scalars = self[name].unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  /// Every value of a field.
  package func all(_ name: String) -> [String] {
    values[name] ?? []
  }

  /// Whether a field was sent, as a checkbox that is ticked is.
  package func contains(_ name: String) -> Bool {
    values[name] != nil
  }
}
