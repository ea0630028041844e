import GRPCCore
import ServiceKit
import TemporisAPI

extension DashboardServices {
  /// The card on file, if there is one.
  func card(_ request: MemberRequest) async throws -> Temporis_Billing_V1_PaymentMethod? {
    let message = Temporis_Billing_V1_GetPaymentMethodRequest()
    do {
      return try await billing.getPaymentMethod(message, metadata: request.metadata)
        .paymentMethod
    } catch {
      _ = try ServiceError.refusal(in: error, .paymentMethodNotFound)
      return nil
    }
  }

  /// What was used this month.
  func usage(_ request: MemberRequest) async throws -> Temporis_Billing_V1_GetUsageResponse {
    let message = Temporis_Billing_V1_GetUsageRequest()
    return try await billing.getUsage(message, metadata: request.metadata)
  }
}
