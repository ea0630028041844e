/// A card as a payment provider describes it.
package struct PaymentCard: Sendable, Hashable {
  /// Such as `visa`.
  package let brand: String
  /// The last four digits of its number.
  package let lastFour: String
  /// 1 to 12.
  package let expireMonth: Int
  package let expireYear: Int
  /// Whether its last charge failed.
  package let chargeFailed: Bool

  package init(brand: String, lastFour: String, expireMonth: Int, expireYear: Int, chargeFailed: Bool) {
    self.brand = brand
    self.lastFour = lastFour
    self.expireMonth = expireMonth
    self.expireYear = expireYear
    self.chargeFailed = chargeFailed
  }
}
