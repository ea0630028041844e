/// Amounts as they are printed.
package enum Money {
  /// Nano-dollars as dollars, exact, with at least two decimals.
  package static func dollars(nano: Int64) -> String {
    let magnitude = nano.magnitude
    var decimals = String(magnitude % 1_000_000_000)
    decimals = String(repeating: "0", count: 9 - decimals.count) + decimals
    while decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
    return "\(nano < 0 ? "-" : "")$\(magnitude / 1_000_000_000).\(decimals)"
  }
}
