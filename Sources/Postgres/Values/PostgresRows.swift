/// What a statement returned: its rows, kept in libpq's memory and decoded on demand.
package struct PostgresRows: Sendable, RandomAccessCollection {
  let result: PostgresResult?

  /// Rows inserted, updated, deleted or selected; 0 for a statement that has no count.
  package var affected: Int { result?.affected ?? 0 }

  package var startIndex: Int { 0 }
  package var endIndex: Int { result?.rowCount ?? 0 }

  package subscript(position: Int) -> PostgresRow {
    guard let result, position >= 0, position < result.rowCount else {
      preconditionFailure("row \(position) of \(count)")
    }
    return PostgresRow(result: result, index: position)
  }
}
