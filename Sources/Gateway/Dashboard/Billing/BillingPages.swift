import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The card on file, this month's usage, and the charges.
struct BillingPages: Sendable {
  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/billing") { request in try await page(request) },
      .member(.post, "/dashboard/billing/card", setCard),
      .member(.get, "/dashboard/billing/card/remove", confirmRemoval),
      .member(.post, "/dashboard/billing/card/remove", removeCard),
    ]
  }

  private func page(
    _ request: MemberRequest, status: HTTPResponse.Status = .ok, problem: String? = nil
  ) async throws -> DashboardResponse {
    async let card = request.services.card()
    async let usage = request.services.usage()
    let charges = try await request.services.billing.listCharges(request.listing(limit: 25))
    let names = try await request.services.tokenNames(charges.charges.map(\.credentialID))
    let view = try await BillingView(
      card: card, usage: usage, charges: charges, tokenNames: names, page: request.pageToken, problem: problem)
    return .page(.billing, title: "Billing", section: .billing, status: status, content: view)
  }

  private func setCard(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Billing_V1_SetPaymentMethodRequest()
    message.paymentMethodReference = request.form["card"]
    do {
      _ = try await request.services.billing.setPaymentMethod(message)
    } catch {
      let refusal = try ServiceError.refusal(in: error, .paymentMethodUnknown, .invalidArgument)
      let problem = request.form["card"].isEmpty ? "Choose a card." : refusal.message
      return try await page(request, status: refusal.reason.pageStatus, problem: problem)
    }
    return .redirect(to: "/dashboard/billing", flash: .cardSet)
  }

  private func confirmRemoval(_ request: MemberRequest) async throws -> DashboardResponse {
    guard let card = try await request.services.card() else { return .redirect(to: "/dashboard/billing") }
    return .page(
      .cardRemoval, title: "Take the card off file", section: .billing, content: CardView(card))
  }

  private func removeCard(_ request: MemberRequest) async throws -> DashboardResponse {
    let message = Temporis_Billing_V1_RemovePaymentMethodRequest()
    _ = try await request.services.billing.removePaymentMethod(message)
    return .redirect(to: "/dashboard/billing", flash: .cardRemoved)
  }
}

extension DashboardServices {
  /// The card on file, if there is one.
  func card() async throws -> Temporis_Billing_V1_PaymentMethod? {
    let message = Temporis_Billing_V1_GetPaymentMethodRequest()
    do {
      return try await billing.getPaymentMethod(message).paymentMethod
    } catch {
      _ = try ServiceError.refusal(in: error, .paymentMethodNotFound)
      return nil
    }
  }

  /// The use of this month, and the present price of a model token.
  func usage() async throws -> Temporis_Billing_V1_GetUsageResponse {
    let message = Temporis_Billing_V1_GetUsageRequest()
    return try await billing.getUsage(message)
  }
}
