package import GRPCCore
import ServiceKit
import SwiftProtobuf
package import TemporisAPI

/// `BillingService`: the card on file, the usage and the charges.
package struct BillingHandler: Temporis_Billing_V1_BillingService.SimpleServiceProtocol {
  let cards: PaymentMethodStore
  let ledger: BillingLedger
  let provider: any PaymentProvider
  let edge: ServiceEdge

  /// Reads the card on file.
  package func getPaymentMethod(
    request: Temporis_Billing_V1_GetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetPaymentMethodResponse {
    try await edge.run {
      guard let card = try await cards.card(of: try Principal.required().accountID) else {
        throw ServiceError(.paymentMethodNotFound)
      }
      var response = Temporis_Billing_V1_GetPaymentMethodResponse()
      response.paymentMethod = card.message
      return response
    }
  }

  /// Puts a card on file.
  package func setPaymentMethod(
    request: Temporis_Billing_V1_SetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_SetPaymentMethodResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      let reference = request.paymentMethodReference
      guard let card = try await provider.attach(reference: reference, accountID: accountID) else {
        throw ServiceError(.paymentMethodUnknown)
      }
      try await cards.set(card, reference: reference, accountID: accountID)
      var response = Temporis_Billing_V1_SetPaymentMethodResponse()
      response.paymentMethod = card.message
      return response
    }
  }

  /// Takes the card off file.
  package func removePaymentMethod(
    request: Temporis_Billing_V1_RemovePaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_RemovePaymentMethodResponse {
    try await edge.run {
      try await cards.remove(accountID: try Principal.required().accountID)
      return Temporis_Billing_V1_RemovePaymentMethodResponse()
    }
  }

  /// Adds up the current calendar month (UTC).
  package func getUsage(
    request: Temporis_Billing_V1_GetUsageRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetUsageResponse {
    try await edge.run {
      let usage = try await ledger.usageOfCurrentMonth(accountID: try Principal.required().accountID)
      var response = Temporis_Billing_V1_GetUsageResponse()
      response.startTime = Google_Protobuf_Timestamp(usage.startTime)
      response.predictions = usage.predictions
      response.modelTokens = usage.modelTokens
      response.nanoDollars = usage.nanoDollars
      return response
    }
  }

  /// Lists what predictions were billed, newest first.
  package func listCharges(
    request: Temporis_Billing_V1_ListChargesRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_ListChargesResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      let page = try PageRequest(size: request.pageSize, token: request.pageToken)
      let (charges, next) = page.page(try await ledger.charges(page, accountID: accountID)) { $0.position.text }
      var response = Temporis_Billing_V1_ListChargesResponse()
      response.charges = charges.map(\.message)
      response.nextPageToken = next
      return response
    }
  }
}

extension PaymentCard {
  fileprivate var message: Temporis_Billing_V1_PaymentMethod {
    var message = Temporis_Billing_V1_PaymentMethod()
    message.brand = brand
    message.lastFour = lastFour
    message.expireMonth = Int32(expireMonth)
    message.expireYear = Int32(expireYear)
    message.status = chargeFailed ? .chargeFailed : .good
    return message
  }
}
