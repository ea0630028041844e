package import TemporisAPI

/// The model tokens of a forecast, and their price.
package struct ForecastCost: Sendable, Hashable {
  package let tokens: Int64
  /// The price of a token, in nano-dollars.
  package let price: Int64
  /// The whole price.
  package let money: Money

  /// The cost of a forecast that was drawn, as it was charged.
  package init(_ header: Temporis_Predict_V1_PredictionHeader) {
    (tokens, price) = (header.modelTokens, header.priceNanoDollars)
    money = Money(nanoDollars: header.nanoDollars)
  }

  /// The cost of a forecast that is yet to be drawn, at a price in nano-dollars a token.
  package init(count: Int32, tokensPerTrajectory: Int64, price: Int64) {
    tokens = Int64(count).multipliedWithoutOverflow(by: tokensPerTrajectory)
    self.price = price
    money = Money(nanoDollars: tokens.multipliedWithoutOverflow(by: price))
  }
}

/// A forecast's cost, as a page shows it.
struct ForecastCostView: Sendable {
  let tokens: String
  let money: String
  /// The calculation.
  let reckoning: String

  init(_ cost: ForecastCost, count: Int, steps: Int, series: Int) {
    tokens = Count.text(cost.tokens)
    money = cost.money.description
    reckoning =
      "\(Count.text(count, "trajectory", "trajectories")) × \(Count.text(steps, "step", "steps")) × "
      + "\(Count.text(series)) series, at \(Money(nanoDollars: cost.price)) a token"
  }
}

extension Int64 {
  fileprivate func multipliedWithoutOverflow(by other: Int64) -> Int64 {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}
