import ServiceKit
import TokenDomain

/// The bill of one prediction: the exact product of its model tokens and the price of the moment.
struct BillingRecord: Sendable {
  /// The account that pays: the caller's, whosever the profile is.
  let accountID: String
  /// The access token or session that asked.
  let credentialID: String
  let requestID: String
  let profileID: String
  /// As asked: `temporis/NAME` for a public profile.
  let profileName: String
  let modelTokens: Int64
  /// Nano-dollars per model token.
  let price: Int64
  /// Nano-dollars.
  let cost: Int64

  /// - Throws: `ServiceError` with `invalidPredictionParameters` when the product does not fit 64 bits.
  init(
    principal: Principal, requestID: String, profileID: String, profileName: String, modelTokens: Int64, price: Int64
  ) throws(ServiceError) {
    let (cost, overflow) = modelTokens.multipliedReportingOverflow(by: price)
    guard !overflow else { throw ServiceError(.invalidPredictionParameters) }
    accountID = principal.accountID
    credentialID = principal.credentialID
    self.requestID = requestID
    self.profileID = profileID
    self.profileName = profileName
    self.modelTokens = modelTokens
    self.price = price
    self.cost = cost
  }
}
