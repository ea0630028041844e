/// How names are written.
enum NameStyle {
  static func isLowerSnake(_ name: String) -> Bool { name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil }

  static func isUpperSnake(_ name: String) -> Bool { name.wholeMatch(of: /[A-Z][A-Z0-9]*(_[A-Z0-9]+)*/) != nil }

  static func isPascal(_ name: String) -> Bool { name.wholeMatch(of: /([A-Z][a-z0-9]+)+/) != nil }

  /// `PaymentStatus` as `PAYMENT_STATUS`.
  static func upperSnake(pascal name: String) -> String {
    name.replacing(/([a-z0-9])([A-Z])/) { "\($0.output.1)_\($0.output.2)" }.uppercased()
  }
}
