/// One row of a result.
package struct PostgresRow: Sendable {
  let result: PostgresResult
  let index: Int

  /// Decodes the value of a column, counted from 0.
  /// - Throws: ``PostgresError/Code/decoding``, which names the column and the types, never the value.
  @specialized(where T == String)
  @specialized(where T == Int64)
  @specialized(where T == Int64?)
  @specialized(where T == Int)
  @specialized(where T == Int32)
  @specialized(where T == Bool)
  @specialized(where T == [UInt8])
  @specialized(where T == [UInt8]?)
  @specialized(where T == [String])
  @specialized(where T == [Int64])
  @specialized(where T == [Double])
  package func decode<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws -> T {
    guard column >= 0, column < result.columnCount else {
      throw PostgresError(.decoding, "no column \(column): the result has \(result.columnCount)")
    }
    let actual = result.type(ofColumn: column)
    let value = result.withField(row: index, column: column) { T(postgresBytes: $0, type: actual) }
    if let value {
      guard let decoded = value else { throw mismatch(column, actual, T.self) }
      return decoded
    }
    guard let null = T.postgresNull else {
      throw PostgresError(.decoding, "column \"\(result.columnName(column))\" is NULL: decode it as \(T.self)?")
    }
    return null
  }

  /// Decodes the value of the first column of this name; see ``decode(_:as:)``.
  package func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws -> T {
    guard let position = result.column(named: column) else {
      let names = (0..<result.columnCount).map(result.columnName).joined(separator: ", ")
      throw PostgresError(.decoding, "no column \"\(column)\": the result has \(names)")
    }
    return try decode(position)
  }

  private func mismatch(_ column: Int, _ actual: PostgresType, _ wanted: Any.Type) -> PostgresError {
    let hint =
      actual == .numeric
      ? "cast it in the SQL, as in sum(x)::int8" : "cast it in the SQL, or decode another type"
    return PostgresError(
      .decoding, "column \"\(result.columnName(column))\" of type \(actual) can't be read as \(wanted): \(hint)")
  }
}
