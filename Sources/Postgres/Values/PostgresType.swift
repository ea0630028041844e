/// The object identifier of a PostgreSQL type (catalog `pg_type`; the built-in ones never change).
package struct PostgresType: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The type that the server infers.
  static let unspecified = PostgresType(rawValue: 0)
  package static let bool = PostgresType(rawValue: 16)
  package static let bytea = PostgresType(rawValue: 17)
  package static let name = PostgresType(rawValue: 19)
  package static let int8 = PostgresType(rawValue: 20)
  package static let int2 = PostgresType(rawValue: 21)
  package static let int4 = PostgresType(rawValue: 23)
  package static let text = PostgresType(rawValue: 25)
  package static let oid = PostgresType(rawValue: 26)
  package static let json = PostgresType(rawValue: 114)
  package static let float4 = PostgresType(rawValue: 700)
  package static let float8 = PostgresType(rawValue: 701)
  package static let bpchar = PostgresType(rawValue: 1042)
  package static let varchar = PostgresType(rawValue: 1043)
  package static let timestamptz = PostgresType(rawValue: 1184)
  package static let numeric = PostgresType(rawValue: 1700)
  package static let uuid = PostgresType(rawValue: 2950)
  package static let jsonb = PostgresType(rawValue: 3802)
  package static let boolArray = PostgresType(rawValue: 1000)
  package static let byteaArray = PostgresType(rawValue: 1001)
  package static let int8Array = PostgresType(rawValue: 1016)
  package static let textArray = PostgresType(rawValue: 1009)
  package static let float8Array = PostgresType(rawValue: 1022)
}

extension PostgresType: CustomStringConvertible {
  private static let names: [UInt32: String] = [
    16: "bool", 17: "bytea", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid", 114: "json",
    700: "float4", 701: "float8", 705: "unknown", 1000: "bool[]", 1001: "bytea[]", 1005: "int2[]", 1007: "int4[]",
    1009: "text[]", 1015: "varchar[]", 1016: "int8[]", 1021: "float4[]", 1022: "float8[]", 1042: "char",
    1043: "varchar",
    1082: "date", 1114: "timestamp", 1184: "timestamptz", 1185: "timestamptz[]", 1186: "interval", 1231: "numeric[]",
    1700: "numeric", 2278: "void", 2950: "uuid", 3802: "jsonb",
  ]

  /// The type's SQL name; its number for one that is not built in.
  package var description: String {
    Self.names[rawValue] ?? "type \(rawValue)"
  }
}
