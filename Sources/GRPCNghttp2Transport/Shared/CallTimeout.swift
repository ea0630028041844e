/// The value of `grpc-timeout` (PROTOCOL-HTTP2.md, Requests): at most 8 digits and a unit.
package struct CallTimeout: Hashable {
  package var duration: Duration

  /// Creates one that isn't negative.
  package init(duration: Duration) {
    self.duration = duration
  }

  /// Reads a header value; nil when it is malformed.
  package init?(parsing text: String) {
    let utf8 = text.utf8
    guard let unit = utf8.last, (2...9).contains(utf8.count) else { return nil }
    var amount: Int64 = 0
    for byte in utf8.dropLast() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    switch unit {
    case UInt8(ascii: "H"): self.duration = .seconds(amount * 3600)
    case UInt8(ascii: "M"): self.duration = .seconds(amount * 60)
    case UInt8(ascii: "S"): self.duration = .seconds(amount)
    case UInt8(ascii: "m"): self.duration = .milliseconds(amount)
    case UInt8(ascii: "u"): self.duration = .microseconds(amount)
    case UInt8(ascii: "n"): self.duration = .nanoseconds(amount)
    default: return nil
    }
  }

  /// The header value, in the finest unit that holds it and rounded down; at most 292 years.
  package var text: String {
    let units: [(size: Int64, name: String)] = [
      (1, "n"), (1000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
    ]
    let (seconds, attoseconds) = self.duration.components
    let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let nanoseconds = overflows ? .max : whole + attoseconds / 1_000_000_000
    for unit in units where nanoseconds / unit.size <= 99_999_999 {
      return "\(nanoseconds / unit.size)\(unit.name)"
    }
    return "\(nanoseconds / 3_600_000_000_000)H"
  }
}
