import Postgres
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// A billing record as it is listed.
struct Charge: Sendable {
  let requestID: String
  let createTime: PostgresTimestamp
  let profileName: String
  let credentialID: String
  let modelTokens: Int64
  /// Nano-dollars per model token.
  let price: Int64
  /// Nano-dollars.
  let cost: Int64

  var position: TimePosition {
    TimePosition(microseconds: createTime.microsecondsSince1970, id: requestID)
  }
}

extension Charge {
  /// The columns that ``init(_:)`` reads.
  fileprivate static let columns =
    "request_id, create_time, profile_name, credential_id, model_tokens, price_nano_dollars, cost_nano_dollars"

  fileprivate init(_ row: PostgresRow) throws {
    requestID = try row.decode("request_id")
    createTime = try row.decode("create_time")
    profileName = try row.decode("profile_name")
    credentialID = try row.decode("credential_id")
    modelTokens = try row.decode("model_tokens")
    price = try row.decode("price_nano_dollars")
    cost = try row.decode("cost_nano_dollars")
  }
}

extension Temporis_Billing_V1_Charge {
  init(_ charge: Charge) {
    self.init()
    requestID = charge.requestID
    createTime = Google_Protobuf_Timestamp(charge.createTime)
    dataProfile = charge.profileName
    credentialID = charge.credentialID
    modelTokens = charge.modelTokens
    priceNanoDollars = charge.price
    nanoDollars = charge.cost
  }
}

extension BillingLedger {
  /// The charge of one prediction; `nil` when the account was billed for no such prediction.
  func charge(requestID: String, accountID: String) async throws -> Charge? {
    guard PredictionID.isValid(requestID) else { return nil }
    return try await database.query(
      "SELECT \(Charge.columns) FROM predict.billing_record WHERE account_id = $1 AND request_id = $2",
      .text(accountID), .text(requestID)
    ).first.map(Charge.init)
  }

  /// One more charge than the page holds, where there are as many, newest first.
  ///
  /// - Throws: `ServiceError` with `invalidArgument` when the page token is none of this list's.
  func charges(_ page: PageRequest, accountID: String) async throws -> [Charge] {
    let after = try page.after.map(TimePosition.init)
    return try await database.query(
      """
      SELECT \(Charge.columns) FROM predict.billing_record
      WHERE account_id = $1 AND ($2::timestamptz IS NULL OR (create_time, request_id) < ($2, $3))
      ORDER BY create_time DESC, request_id DESC LIMIT $4
      """,
      .text(accountID), .optional(after.map { PostgresTimestamp(microsecondsSince1970: $0.microseconds) }),
      .optional(after?.id), .int(page.limit + 1)
    ).map(Charge.init)
  }
}
