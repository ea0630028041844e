import CLibPQ

extension PostgresError {
  /// The error in a failed result; nil SQLSTATE when libpq itself made it up.
  init(result: OpaquePointer) {
    let state = Self.field(result, "C").map(SQLState.init(rawValue:))
    guard let state else {
      self = .connectionLost
      return
    }
    var message = Self.field(result, "M") ?? "no message"
    // Class 22, data exceptions: the primary message quotes the value ("invalid input syntax for type integer: …").
    if state.rawValue.hasPrefix("22") {
      message = "data exception (the server's message is withheld, it may quote a value)"
    }
    self.init(
      state == .queryCanceled ? .timeout : .server, message, sqlState: state,
      constraint: Self.field(result, "n"))
  }

  /// The server ends the session after this one, or libpq has lost it already.
  static func endsConnection(_ result: OpaquePointer) -> Bool {
    guard field(result, "C") != nil else { return true }
    let severity = field(result, "V")
    return severity == "FATAL" || severity == "PANIC"
  }

  /// A field by its code in postgres_ext.h (PG_DIAG_…), whose character macros Swift can't see.
  private static func field(_ result: OpaquePointer, _ code: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(UInt8(ascii: code))).map { String(cString: $0) }
  }
}
