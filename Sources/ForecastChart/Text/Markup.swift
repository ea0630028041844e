/// Texts between the tags of HTML and SVG.
package enum Markup {
  /// The text, harmless between tags and in quoted attributes.
  ///
  /// Scalar by scalar: in whole characters a quotation mark and an accent behind it are one, and would stay as it is.
  package static func escaped(_ text: String) -> String {
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

  /// The text with a `?` for each scalar that an XML file may not hold, whatever stands for it (XML 1.0, section 2.2),
  /// and for each control character.
  package static func writable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control || scalar.value == 0xFFFE || scalar.value == 0xFFFF ? "?" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
