/// Strings in SQL text, for the few statements that take no parameters (`CREATE ROLE … PASSWORD`).
package enum SQLLiteral {
  /// The string as a literal that means the same whatever `standard_conforming_strings` is.
  ///
  /// No NUL characters; else `invalidParameter`.
  package static func quote(_ text: String) throws -> String {
    guard !text.utf8.contains(0) else {
      throw PostgresError(.invalidParameter, "an SQL literal can't hold a NUL character")
    }
    var quoted = ""
    var escaped = false
    for character in text.unicodeScalars {
      if character == "'" || character == "\\" { quoted.unicodeScalars.append(character) }
      if character == "\\" { escaped = true }
      quoted.unicodeScalars.append(character)
    }
    return (escaped ? "E'" : "'") + quoted + "'"
  }
}
