/// What a forecast costs: model tokens, and what they come to.
package struct ForecastCost: Sendable, Hashable {
  /// The price of a model token in nano-dollars where no charge of the account tells another.
  package static let standardPrice: Int64 = 20

  package let tokens: Int64
  /// The price of a token, in nano-dollars.
  package let price: Int64

  /// Takes tokens and their price in nano-dollars.
  package init(tokens: Int64, price: Int64) {
    self.tokens = tokens
    self.price = price
  }

  /// Every trajectory generates a token for each row and series.
  package init(count: Int32, tokensPerTrajectory: Int, price: Int64) {
    self.init(tokens: Int64(count).multipliedWithoutOverflow(by: Int64(tokensPerTrajectory)), price: price)
  }

  /// What it comes to.
  package var money: Money { Money(nanoDollars: tokens.multipliedWithoutOverflow(by: price)) }
}

extension Int64 {
  fileprivate func multipliedWithoutOverflow(by other: Int64) -> Int64 {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}
