/// Names in SQL text, where a parameter is not allowed.
package enum SQLIdentifier {
  /// Returns the name in double quotes, so that it is taken exactly as it is.
  ///
  /// - Parameter name: 1 to 63 bytes (PostgreSQL cuts longer ones silently) without NUL characters.
  /// - Throws: ``PostgresError/Code/invalidParameter`` for any other name.
  package static func quote(_ name: String) throws -> String {
    guard !name.isEmpty, name.utf8.count <= 63, !name.utf8.contains(0) else {
      throw PostgresError(.invalidParameter, "an SQL identifier has 1 to 63 bytes and no NUL character")
    }
    var quoted = "\""
    for character in name.unicodeScalars {
      if character == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}

/// Strings in SQL text, for the few statements that take no parameters (`CREATE ROLE … PASSWORD`).
package enum SQLLiteral {
  /// Returns the string as a literal that means the same under every `standard_conforming_strings`.
  ///
  /// - Throws: ``PostgresError/Code/invalidParameter`` when the text has a NUL character.
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
