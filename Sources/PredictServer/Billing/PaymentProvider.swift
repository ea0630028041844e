/// Who holds the cards and charges them. This service knows its references and what may be shown, never a card's number.
package protocol PaymentProvider: Sendable {
  /// Attaches a payment method to an account and tries its first charge where the provider does that at once.
  ///
  /// - Parameter reference: the provider's own, such as `pm_card_visa`.
  /// - Returns: nil when the provider does not know the reference.
  /// - Throws: for faults alone.
  func attach(reference: String, accountID: String) async throws -> PaymentCard?
}
