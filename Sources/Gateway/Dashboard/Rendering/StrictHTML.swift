import ForecastChart
import Mustache

/// Escapes texts for HTML, scalar by scalar.
///
/// The library's own escaping goes by whole characters, in which a quotation mark and an accent behind it are one:
/// `"\u{301}` would come out as it is and end an attribute.
struct StrictHTML: MustacheContentType {
  /// The name that templates ask for it by.
  static let name = "STRICT_HTML"

  func escapeText(_ text: String) -> String {
    Markup.escaped(text)
  }
}
