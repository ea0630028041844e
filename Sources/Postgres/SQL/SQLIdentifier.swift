/// Names in SQL text, where no parameter can stand.
package enum SQLIdentifier {
  /// The name in double quotes, taken exactly as it is.
  ///
  /// 1 to 63 bytes (PostgreSQL cuts longer ones silently) without NUL; else `invalidParameter`.
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
