package import GRPCCore
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

/// `BillingService`: the card on file, the usage and the charges.
package struct BillingHandler: Temporis_Billing_V1_BillingService.SimpleServiceProtocol {
  let cards: PaymentMethodStore
  let ledger: BillingLedger
  let provider: any PaymentProvider
  /// Nano-dollars per model token.
  let price: Int64

  /// Reads the card on file.
  package func getPaymentMethod(
    request: Temporis_Billing_V1_GetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetPaymentMethodResponse {
    guard let card = try await cards.card(of: try Principal.required().accountID) else {
      throw ServiceError(.paymentMethodNotFound)
    }
    var response = Temporis_Billing_V1_GetPaymentMethodResponse()
    response.paymentMethod = .init(card)
    return response
  }

  /// Puts a card on file.
  package func setPaymentMethod(
    request: Temporis_Billing_V1_SetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_SetPaymentMethodResponse {
    let accountID = try Principal.required().accountID
    let reference = request.paymentMethodReference
    guard let card = try await provider.attach(reference: reference, accountID: accountID) else {
      throw ServiceError(.paymentMethodUnknown)
    }
    try await cards.set(card, reference: reference, accountID: accountID)
    var response = Temporis_Billing_V1_SetPaymentMethodResponse()
    response.paymentMethod = .init(card)
    return response
  }

  /// Takes the card off file.
  package func removePaymentMethod(
    request: Temporis_Billing_V1_RemovePaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_RemovePaymentMethodResponse {
    try await cards.remove(accountID: try Principal.required().accountID)
    return Temporis_Billing_V1_RemovePaymentMethodResponse()
  }

  /// Adds up the current calendar month (UTC).
  package func getUsage(
    request: Temporis_Billing_V1_GetUsageRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetUsageResponse {
    let usage = try await ledger.usageOfCurrentMonth(accountID: try Principal.required().accountID)
    var response = Temporis_Billing_V1_GetUsageResponse()
    response.startTime = Google_Protobuf_Timestamp(usage.startTime)
    response.predictions = usage.predictions
    response.modelTokens = usage.modelTokens
    response.nanoDollars = usage.nanoDollars
    response.priceNanoDollars = price
    return response
  }

  /// Adds up what one credential was billed in the last 24 hours.
  package func getCredentialUsage(
    request: Temporis_Billing_V1_GetCredentialUsageRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetCredentialUsageResponse {
    let usage = try await ledger.usageOfLastDay(
      credentialID: request.credentialID, accountID: try Principal.required().accountID)
    var response = Temporis_Billing_V1_GetCredentialUsageResponse()
    response.startTime = Google_Protobuf_Timestamp(usage.startTime)
    response.predictions = usage.predictions
    response.modelTokens = usage.modelTokens
    response.nanoDollars = usage.nanoDollars
    return response
  }

  /// Reads what one prediction was billed.
  package func getCharge(
    request: Temporis_Billing_V1_GetChargeRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetChargeResponse {
    let accountID = try Principal.required().accountID
    guard let charge = try await ledger.charge(requestID: request.requestID, accountID: accountID) else {
      throw ServiceError(.chargeNotFound)
    }
    var response = Temporis_Billing_V1_GetChargeResponse()
    response.charge = .init(charge)
    return response
  }

  /// Lists what predictions were billed, newest first.
  package func listCharges(
    request: Temporis_Billing_V1_ListChargesRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_ListChargesResponse {
    let accountID = try Principal.required().accountID
    let page = try PageRequest(size: request.pageSize, token: request.pageToken)
    let (charges, next) = page.page(try await ledger.charges(page, accountID: accountID)) { $0.position.text }
    var response = Temporis_Billing_V1_ListChargesResponse()
    response.charges = charges.map { .init($0) }
    response.nextPageToken = next
    return response
  }
}

extension Temporis_Billing_V1_PaymentMethod {
  fileprivate init(_ card: PaymentCard) {
    self.init()
    brand = card.brand
    lastFour = card.lastFour
    expireMonth = Int32(card.expireMonth)
    expireYear = Int32(card.expireYear)
    status = card.chargeFailed ? .chargeFailed : .good
  }
}
