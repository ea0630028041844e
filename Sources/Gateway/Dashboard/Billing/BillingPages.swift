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
        try await page(request, flash: .requested(by: request.query))
      },
      .member(.post, "/dashboard/billing/card", setCard),
      .member(.get, "/dashboard/billing/card/remove", confirmRemoval),
      .member(.post, "/dashboard/billing/card/remove", removeCard),
    ]
  }

  private func page(
    _ request: MemberRequest, status: HTTPResponse.Status = .ok, problem: String? = nil, flash: FlashMessage? = nil
  ) async throws -> DashboardResponse {
    let token = request.query["page"]
    async let card = services.card(request)
    async let usage = services.usage(request)
    let charges = try await charges(request, page: token)
    let names = try await tokenNames(of: charges.charges, request)
    let view = try await BillingView(
      card: card, usage: usage, charges: charges, tokenNames: names, page: token, problem: problem)
    return .page(.billing, title: "Billing", section: .billing, status: status, flash: flash, content: view)
  }

  private func setCard(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Billing_V1_SetPaymentMethodRequest()
    message.paymentMethodReference = request.form["card"]
    do {
      _ = try await services.billing.setPaymentMethod(message, metadata: request.metadata)
    } catch {
      let refusal = try ServiceError.refusal(in: error, .paymentMethodUnknown, .invalidArgument)
      let problem = request.form["card"].isEmpty ? "Choose a card." : refusal.message
      return try await page(request, status: refusal.reason.pageStatus, problem: problem)
    }
    return .redirect(to: "/dashboard/billing", flash: .cardSet)
  }

  private func confirmRemoval(_ request: MemberRequest) async throws -> DashboardResponse {
    guard let card = try await services.card(request) else { return .redirect(to: "/dashboard/billing") }
    return .page(
      .cardRemoval, title: "Take the card off file", section: .billing, content: CardView(card))
  }

  private func removeCard(_ request: MemberRequest) async throws -> DashboardResponse {
    let message = Temporis_Billing_V1_RemovePaymentMethodRequest()
    _ = try await services.billing.removePaymentMethod(message, metadata: request.metadata)
    return .redirect(to: "/dashboard/billing", flash: .cardRemoved)
  }

  private func charges(
    _ request: MemberRequest, page: String
  ) async throws -> Temporis_Billing_V1_ListChargesResponse {
    var message = Temporis_Billing_V1_ListChargesRequest()
    message.pageSize = 25
    message.pageToken = page
    return try await services.billing.listCharges(message, metadata: request.metadata)
  }

  /// The names of the access tokens that asked for predictions, by their ids; none for those that are deleted.
  private func tokenNames(
    of charges: [Temporis_Billing_V1_Charge], _ request: MemberRequest
  ) async throws -> [String: String] {
    let ids = Set(charges.map(\.credentialID).filter(ChargeRow.isToken))
    return try await withThrowingTaskGroup(of: Temporis_Token_V1_AccessToken?.self) { group in
      for id in ids {
        group.addTask { try await services.token(id, request) }
      }
      return try await group.reduce(into: [:]) { names, token in
        if let token { names[token.id] = token.name }
      }
    }
  }
}

extension DashboardServices {
  /// The card on file, if there is one.
  func card(_ request: MemberRequest) async throws -> Temporis_Billing_V1_PaymentMethod? {
    let message = Temporis_Billing_V1_GetPaymentMethodRequest()
    do {
      return try await billing.getPaymentMethod(message, metadata: request.metadata).paymentMethod
    } catch {
      _ = try ServiceError.refusal(in: error, .paymentMethodNotFound)
      return nil
    }
  }

  /// The use of this month, and the present price of a model token.
  func usage(_ request: MemberRequest) async throws -> Temporis_Billing_V1_GetUsageResponse {
    let message = Temporis_Billing_V1_GetUsageRequest()
    return try await billing.getUsage(message, metadata: request.metadata)
  }
}
