import TemporisAPI

/// The billing page.
struct BillingView: Sendable {
  let card: CardView?
  let usage: UsageView
  let charges: [ChargeRow]
  let paging: Paging?
  let problem: String?

  init(
    card: Temporis_Billing_V1_PaymentMethod?, usage: Temporis_Billing_V1_GetUsageResponse,
    charges: Temporis_Billing_V1_ListChargesResponse, tokenNames: [String: String], page: String, problem: String?
  ) {
    self.card = card.map(CardView.init)
    self.usage = UsageView(usage)
    self.charges = charges.charges.map { ChargeRow($0, tokenNames: tokenNames) }
    paging = Paging(
      "Pages of charges", at: "/dashboard/billing", token: page, nextToken: charges.nextPageToken, anchor: "charges")
    self.problem = problem
  }
}

/// A card on file.
struct CardView: Sendable {
  let brand: String
  let lastFour: String
  let expires: String
  /// Whether its last charge failed, so that predictions are refused.
  let hasFailed: Bool

  init(_ card: Temporis_Billing_V1_PaymentMethod) {
    brand = card.brand.prefix(1).uppercased() + card.brand.dropFirst()
    lastFour = card.lastFour
    expires = (card.expireMonth < 10 ? "0" : "") + "\(card.expireMonth)/\(card.expireYear)"
    hasFailed = card.status == .chargeFailed
  }
}

/// The use of a month.
struct UsageView: Sendable {
  let since: TimeText
  let predictions: String
  let modelTokens: String
  let cost: String

  init(_ usage: Temporis_Billing_V1_GetUsageResponse) {
    since = TimeText(usage.startTime, isDay: true)
    predictions = Count.text(usage.predictions)
    modelTokens = Count.text(usage.modelTokens)
    cost = Money(nanoDollars: usage.nanoDollars).description
  }
}

/// A charge as it is listed.
struct ChargeRow: Sendable {
  let time: TimeText
  let profile: String
  /// The access token that asked, by its name, or the dashboard.
  let caller: String
  let requestID: String
  let modelTokens: String
  let cost: String

  init(_ charge: Temporis_Billing_V1_Charge, tokenNames: [String: String]) {
    time = TimeText(charge.createTime)
    profile = charge.dataProfile
    let isToken = TokenRow.isToken(charge.credentialID)
    caller = isToken ? tokenNames[charge.credentialID] ?? "a deleted token" : "Dashboard"
    requestID = charge.requestID
    modelTokens = Count.text(charge.modelTokens)
    cost = Money(nanoDollars: charge.nanoDollars).description
  }
}
