/// A Swift type that a column's binary value can be decoded as.
package protocol PostgresDecodable: Sendable {
  /// Decodes the value of a column that is not NULL; `nil` when the type or the bytes don't fit.
  init?(postgresBytes bytes: RawSpan, type: PostgresType)

  /// The value that stands for NULL; `nil` when this type has none.
  static var postgresNull: Self? { get }
}

extension PostgresDecodable {
  package static var postgresNull: Self? { nil }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard let value = Wrapped(postgresBytes: bytes, type: type) else { return nil }
    self = .some(value)
  }

  package static var postgresNull: Wrapped?? { .some(.none) }
}
