/// What a forecast has cost.
struct ForecastCostView: Sendable {
  let tokens: String
  let money: String
  /// How it is reckoned.
  let reckoning: String

  /// - Parameters:
  ///   - charged: What the ledger says. Nil: it could not be asked, and the price is what is known of it.
  init(_ answer: ForecastAnswer, charged: ForecastCost?, price: Int64) {
    let scope = answer.scope
    let cost = charged ?? ForecastCost(tokens: answer.tokens, price: price)
    tokens = Count.text(cost.tokens)
    money = cost.money.description
    reckoning =
      "\(Count.text(answer.count, "trajectory", "trajectories")) × \(Count.text(scope.rowCount, "step", "steps")) × "
      + "\(Count.text(scope.seriesCount)) series, at \(Money(nanoDollars: cost.price)) a token"
      + (charged == nil ? "; the charge itself is in Billing" : "")
  }
}
