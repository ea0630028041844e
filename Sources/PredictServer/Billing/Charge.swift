import Postgres
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
  /// Nano-dollars a model token.
  let price: Int64
  /// Nano-dollars.
  let cost: Int64

  var position: TimePosition {
    TimePosition(microseconds: createTime.microsecondsSince1970, id: requestID)
  }

  var message: Temporis_Billing_V1_Charge {
    var message = Temporis_Billing_V1_Charge()
    message.requestID = requestID
    message.createTime = Google_Protobuf_Timestamp(createTime)
    message.dataProfile = profileName
    message.credentialID = credentialID
    message.modelTokens = modelTokens
    message.priceNanoDollars = price
    message.nanoDollars = cost
    return message
  }
}

extension BillingLedger {
  /// One more charge than the page holds, where there are as many, newest first.
  ///
  /// - Throws: `ServiceError` with `invalidArgument` when the page token is none of this list's.
  func charges(_ page: PageRequest, accountID: String) async throws -> [Charge] {
    let after = try page.after.map(TimePosition.init)
    return try await database.query(
      """
      SELECT request_id, create_time, profile_name, credential_id, model_tokens, price_nano_dollars, cost_nano_dollars
      FROM predict.billing_record
      WHERE account_id = $1 AND ($2::timestamptz IS NULL OR (create_time, request_id) < ($2, $3))
      ORDER BY create_time DESC, request_id DESC LIMIT $4
      """,
      .text(accountID), .optional(after.map { PostgresTimestamp(microsecondsSince1970: $0.microseconds) }),
      .optional(after?.id), .int(page.limit + 1)
    ).map { row in
      Charge(
        requestID: try row.decode("request_id"), createTime: try row.decode("create_time"),
        profileName: try row.decode("profile_name"), credentialID: try row.decode("credential_id"),
        modelTokens: try row.decode("model_tokens"), price: try row.decode("price_nano_dollars"),
        cost: try row.decode("cost_nano_dollars"))
    }
  }
}
