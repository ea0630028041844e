import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The card on file, this month's usage, and the charges.
struct BillingPages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/billing") { request in
        try await page(request, notice: .asked(request.query))
      },
      .member(.post, "/dashboard/billing/card", setCard),
      .member(.get, "/dashboard/billing/card/remove", confirmRemoval),
      .member(.post, "/dashboard/billing/card/remove", removeCard),
    ]
  }

  private func page(
    _ request: MemberRequest, status: HTTPResponse.Status = .ok, problem: String? = nil, notice: Notice? = nil
  ) async throws -> Answer {
    async let card = services.card(request)
    async let usage = services.usage(request)
    async let charges = self.charges(request)
    async let names = self.tokenNames(request)
    let view = try await BillingView(
      card: card, usage: usage, charges: charges, tokenNames: names, isFirstPage: request.query["page"].isEmpty,
      problem: problem)
    return .page(.billing, title: "Billing", section: .billing, status: status, notice: notice, content: view)
  }

  private func setCard(_ request: MemberRequest) async throws -> Answer {
    var message = Temporis_Billing_V1_SetPaymentMethodRequest()
    message.paymentMethodReference = request.form["card"]
    do {
      _ = try await services.billing.setPaymentMethod(message, metadata: request.metadata)
    } catch {
      let refusal = try ServiceError.refusal(in: error, .paymentMethodUnknown, .invalidArgument)
      let problem = request.form["card"].isEmpty ? "Choose a card." : refusal.message
      return try await page(request, status: refusal.reason.pageStatus, problem: problem)
    }
    return .redirect(to: "/dashboard/billing", notice: .cardSet)
  }

  private func confirmRemoval(_ request: MemberRequest) async throws -> Answer {
    guard let card = try await services.card(request) else { return .redirect(to: "/dashboard/billing") }
    return .page(
      .cardRemoval, title: "Take the card off file", section: .billing, content: CardView(card))
  }

  private func removeCard(_ request: MemberRequest) async throws -> Answer {
    let message = Temporis_Billing_V1_RemovePaymentMethodRequest()
    _ = try await services.billing.removePaymentMethod(message, metadata: request.metadata)
    return .redirect(to: "/dashboard/billing", notice: .cardRemoved)
  }

  private func charges(_ request: MemberRequest) async throws -> Temporis_Billing_V1_ListChargesResponse {
    var message = Temporis_Billing_V1_ListChargesRequest()
    message.pageSize = 25
    message.pageToken = request.query["page"]
    return try await services.billing.listCharges(message, metadata: request.metadata)
  }

  /// The names of the newest thousand access tokens, by their ids.
  private func tokenNames(_ request: MemberRequest) async throws -> [String: String] {
    var message = Temporis_Token_V1_ListAccessTokensRequest()
    message.pageSize = 1_000
    let answer = try await services.tokens.listAccessTokens(
      message, metadata: request.metadata)
    return Dictionary(answer.accessTokens.map { ($0.id, $0.name) }) { first, _ in first }
  }
}
