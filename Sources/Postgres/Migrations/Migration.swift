/// One step of a schema's history. Once applied anywhere, its text never changes.
package struct Migration: Sendable, Hashable {
  /// Positive and unique in its schema; the order of application.
  package let version: Int
  package let name: String
  /// One or more statements, none of which may end the transaction.
  package let sql: String

  package init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  /// FNV-1a, 64 bits: it notices an edited text, and is no protection against an attacker, who could edit the table.
  var checksum: Int64 {
    Int64(bitPattern: FNV1a.hash(name.utf8) ^ FNV1a.hash(sql.utf8))
  }
}

/// The FNV-1a hash (Fowler, Noll, Vo), stable between runs and machines.
enum FNV1a {
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
