/// An amount of money, exact to the nano-dollar.
package struct Money: Sendable, Hashable, CustomStringConvertible {
  /// The amount.
  package let nanoDollars: Int64

  /// Takes an amount in nano-dollars.
  package init(nanoDollars: Int64) {
    self.nanoDollars = nanoDollars
  }

  /// Dollars and cents, and as many more digits as the amount has: `$1,234.50`, `$0.0000064`.
  package var description: String {
    let (dollars, nanos) = nanoDollars.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(nanos)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
    return (nanoDollars < 0 ? "\u{2212}" : "") + "$" + Count.text(dollars) + "." + fraction
  }
}
