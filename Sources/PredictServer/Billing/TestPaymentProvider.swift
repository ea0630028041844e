/// A provider that knows two of Stripe's test payment methods and moves no money.
package struct TestPaymentProvider: PaymentProvider {
  package init() {}

  /// `pm_card_visa` succeeds; `pm_card_chargeCustomerFail` attaches and fails at its first charge, tried at once.
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
