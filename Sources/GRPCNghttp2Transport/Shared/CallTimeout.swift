/// The value of `grpc-timeout` (PROTOCOL-HTTP2.md, Requests): at most 8 digits and a unit.
package struct CallTimeout: Hashable {
  /// Not negative, and at most 292 years, of which 64 bits can hold the nanoseconds.
  package let duration: Duration

  /// Creates one of any duration, which is brought into the range.
  package init(duration: Duration) {
    self.duration = duration.clamped(to: .zero ... .nanoseconds(Int64.max))
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
    case UInt8(ascii: "H"): self.init(duration: .seconds(amount * 3600))
    case UInt8(ascii: "M"): self.init(duration: .seconds(amount * 60))
    case UInt8(ascii: "S"): self.init(duration: .seconds(amount))
    case UInt8(ascii: "m"): self.init(duration: .milliseconds(amount))
    case UInt8(ascii: "u"): self.init(duration: .microseconds(amount))
    case UInt8(ascii: "n"): self.init(duration: .nanoseconds(amount))
    default: return nil
    }
  }

  /// The header value, in the finest unit that holds it and rounded down.
  package var text: String {
    let units: [(size: Int64, name: String)] = [
      (1, "n"), (1000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
    ]
    let (seconds, attoseconds) = self.duration.components
    let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    for unit in units where nanoseconds / unit.size <= 99_999_999 {
      return "\(nanoseconds / unit.size)\(unit.name)"
    }
    return "\(nanoseconds / 3_600_000_000_000)H"
  }
}
