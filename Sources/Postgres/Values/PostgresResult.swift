import CLibPQ
import Glibc

/// The rows that a statement returned, kept in libpq's memory and decoded on demand.
package struct PostgresRows: Sendable, RandomAccessCollection {
  let result: PostgresResult?

  /// The number of rows inserted, updated, deleted or selected; 0 for a statement that has no count.
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

/// The owner of a `PGresult`, which is cleared when its last row is released.
///
/// Sendable though it holds a C pointer: libpq documents that a PGresult is read-only after its creation and may be
/// passed between threads, and only this type's `deinit` frees it.
final class PostgresResult: @unchecked Sendable {
  private let raw: OpaquePointer
  let rowCount: Int

  /// Takes ownership.
  init(owning raw: OpaquePointer) {
    self.raw = raw
    rowCount = Int(PQntuples(raw))
  }

  deinit {
    PQclear(raw)
  }

  /// The number of rows inserted, updated, deleted or selected; 0 for a statement that has no count.
  var affected: Int {
    PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0
  }

  /// The command tag, such as `INSERT 0 1` or `COMMIT`.
  var commandTag: String {
    PQcmdStatus(raw).map { String(cString: $0) } ?? ""
  }

  var columnCount: Int { Int(PQnfields(raw)) }

  func columnName(_ column: Int) -> String {
    PQfname(raw, Int32(column)).map { String(cString: $0) } ?? ""
  }

  func type(ofColumn column: Int) -> PostgresType {
    PostgresType(rawValue: PQftype(raw, Int32(column)))
  }

  /// The position of the first column of exactly this name; `nil` when there is none.
  func column(named name: String) -> Int? {
    name.withCString { wanted in
      for column in 0..<PQnfields(raw) {
        if let found = PQfname(raw, column), strcmp(found, wanted) == 0 { return Int(column) }
      }
      return nil
    }
  }

  /// Lends the bytes of a field; `nil` for NULL.
  func withField<R>(row: Int, column: Int, _ body: (RawSpan) throws -> R) rethrows -> R? {
    if PQgetisnull(raw, Int32(row), Int32(column)) == 1 { return nil }
    let length = Int(PQgetlength(raw, Int32(row), Int32(column)))
    let buffer = UnsafeRawBufferPointer(start: PQgetvalue(raw, Int32(row), Int32(column)), count: length)
    return try body(buffer.bytes)
  }
}
