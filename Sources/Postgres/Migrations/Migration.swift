/// One step of a schema's history. After it was applied anywhere, its text must never change.
package struct Migration: Sendable, Hashable {
  /// The position in the order of application: positive, and unique in its schema.
  package let version: Int
  package let name: String
  /// One or more statements, none of which may end the transaction.
  package let sql: String

  package init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  /// A hash (FNV-1a, 64 bits) that detects an edited text. It does not protect against an attacker, who can edit the
  /// table.
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
