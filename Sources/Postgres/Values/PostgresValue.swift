/// A statement's parameter, sent in binary with its type.
///
/// A text for a column of another type (json, jsonb, uuid, …) needs a cast in the SQL: `$1::jsonb`.
package enum PostgresValue: Sendable, Hashable {
  /// NULL of the type that the server infers; prefer `optional(_:)`, whose NULL has a type.
  case null
  case bool(Bool)
  case int4(Int32)
  case int8(Int64)
  case float8(Double)
  /// UTF-8 without NUL characters: PostgreSQL can't hold one.
  case text(String)
  case bytea([UInt8])
  /// A timestamptz.
  case timestamp(microsecondsSince1970: Int64)
  case boolArray([Bool])
  case int8Array([Int64])
  case float8Array([Double])
  case textArray([String])
  case byteaArray([[UInt8]])
  /// NULL of a given type.
  case typedNull(PostgresType)
}

extension PostgresValue {
  /// An int8.
  package static func int(_ value: Int) -> PostgresValue { .int8(Int64(value)) }

  /// A timestamptz.
  package static func timestamp(_ value: PostgresTimestamp) -> PostgresValue {
    .timestamp(microsecondsSince1970: value.microsecondsSince1970)
  }

  package static func optional(_ value: Bool?) -> PostgresValue { value.map(bool) ?? .typedNull(.bool) }
  package static func optional(_ value: Int32?) -> PostgresValue { value.map(int4) ?? .typedNull(.int4) }
  package static func optional(_ value: Int64?) -> PostgresValue { value.map(int8) ?? .typedNull(.int8) }
  package static func optional(_ value: Int?) -> PostgresValue { value.map(int) ?? .typedNull(.int8) }
  package static func optional(_ value: Double?) -> PostgresValue { value.map(float8) ?? .typedNull(.float8) }
  package static func optional(_ value: String?) -> PostgresValue { value.map(text) ?? .typedNull(.text) }
  package static func optional(_ value: [UInt8]?) -> PostgresValue { value.map(bytea) ?? .typedNull(.bytea) }

  package static func optional(_ value: PostgresTimestamp?) -> PostgresValue {
    value.map { .timestamp($0) } ?? .typedNull(.timestamptz)
  }
}

extension PostgresValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int8(value) }
  package init(floatLiteral value: Double) { self = .float8(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}
