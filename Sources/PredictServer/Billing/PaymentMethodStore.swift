import Postgres

/// The card on file of each account.
struct PaymentMethodStore: Sendable {
  /// Whether an account can be billed.
  enum Standing: Sendable {
    case noCard
    case chargeFailed
    case good

    /// - Parameter hasFailed: Whether the last charge of the card on file failed; `nil` without a card.
    init(lastCharge hasFailed: Bool?) {
      self = hasFailed.map { $0 ? .chargeFailed : .good } ?? .noCard
    }
  }

  let database: Database

  /// The card on file.
  func card(of accountID: String) async throws -> PaymentCard? {
    try await database.query(
      """
      SELECT brand, last_four, expire_month, expire_year, charge_failed FROM predict.payment_method
      WHERE account_id = $1
      """,
      .text(accountID)
    ).first.map { row in
      PaymentCard(
        brand: try row.decode("brand"), lastFour: try row.decode("last_four"),
        expireMonth: try row.decode("expire_month"), expireYear: try row.decode("expire_year"),
        chargeFailed: try row.decode("charge_failed"))
    }
  }

  /// Puts a card on file in place of the one before.
  func set(_ card: PaymentCard, reference: String, accountID: String) async throws {
    try await database.executeAlone(
      """
      INSERT INTO predict.payment_method
        (account_id, provider_reference, brand, last_four, expire_month, expire_year, charge_failed)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (account_id) DO UPDATE SET
        provider_reference = excluded.provider_reference, brand = excluded.brand, last_four = excluded.last_four,
        expire_month = excluded.expire_month, expire_year = excluded.expire_year,
        charge_failed = excluded.charge_failed, create_time = excluded.create_time
      """,
      .text(accountID), .text(reference), .text(card.brand), .text(card.lastFour), .int4(Int32(card.expireMonth)),
      .int4(Int32(card.expireYear)), .bool(card.chargeFailed))
  }

  /// Takes the card off file, if there is one.
  func remove(accountID: String) async throws {
    try await database.executeAlone(
      "DELETE FROM predict.payment_method WHERE account_id = $1", .text(accountID))
  }
}
