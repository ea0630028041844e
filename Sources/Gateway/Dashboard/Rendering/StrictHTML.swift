import Mustache

/// Escapes texts for HTML, scalar by scalar.
///
/// The library's own escaping goes by whole characters, in which a quotation mark and an accent behind it are one:
/// `"\u{301}` would come out as it is and end an attribute.
struct StrictHTML: MustacheContentType {
  /// The name that templates ask for it by.
  static let name = "STRICT_HTML"

  func escapeText(_ text: String) -> String {
    Self.escaped(text)
  }

  /// The text, harmless between tags and in quoted attributes.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
