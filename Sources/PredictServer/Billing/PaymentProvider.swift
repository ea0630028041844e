/// A card as a payment provider describes it.
package struct PaymentCard: Sendable, Hashable {
  /// Such as `visa`.
  package let brand: String
  /// The last four digits of its number.
  package let lastFour: String
  /// 1 to 12.
  package let expireMonth: Int
  /// Four digits.
  package let expireYear: Int
  /// Whether its last charge failed.
  package let chargeFailed: Bool

  /// Creates a card.
  package init(brand: String, lastFour: String, expireMonth: Int, expireYear: Int, chargeFailed: Bool) {
    self.brand = brand
    self.lastFour = lastFour
    self.expireMonth = expireMonth
    self.expireYear = expireYear
    self.chargeFailed = chargeFailed
  }
}

/// Holds the cards and charges them. This service knows its references and what may be shown, never a card's number.
package protocol PaymentProvider: Sendable {
  /// Attaches a payment method to an account and tries its first charge where the provider does that at once.
  ///
  /// - Parameter reference: The provider's own, such as `pm_card_visa`.
  /// - Returns: The card; `nil` when the provider does not know the reference.
  /// - Throws: For faults alone.
  func attach(reference: String, accountID: String) async throws -> PaymentCard?
}

/// A provider that knows two of Stripe's test payment methods and moves no money.
package struct TestPaymentProvider: PaymentProvider {
  /// Creates a provider.
  package init() {}

  /// Attaches `pm_card_visa`, which succeeds, and `pm_card_chargeCustomerFail`, which fails at its first charge, tried
  /// at once.
  package func attach(reference: String, accountID: String) async throws -> PaymentCard? {
    switch reference {
    case "pm_card_visa":
      PaymentCard(brand: "visa", lastFour: "4242", expireMonth: 12, expireYear: 2034, chargeFailed: false)
    case "pm_card_chargeCustomerFail":
      PaymentCard(brand: "visa", lastFour: "0341", expireMonth: 12, expireYear: 2034, chargeFailed: true)
    default: nil
    }
  }
}
