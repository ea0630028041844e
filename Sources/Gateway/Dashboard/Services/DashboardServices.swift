package import ServiceKit
package import TemporisAPI

/// The services that the pages ask, each as any client would.
package struct DashboardServices: Sendable {
  /// Accounts and sessions.
  package let accounts: any Temporis_Token_V1_AccountService.ClientProtocol
  /// Access tokens.
  package let tokens: any Temporis_Token_V1_AccessTokenService.ClientProtocol
  /// Data sources.
  package let sources: any Temporis_Predict_V1_DataSourceService.ClientProtocol
  /// Data profiles.
  package let profiles: any Temporis_Predict_V1_DataProfileService.ClientProtocol
  /// The card on file, the usage and the charges.
  package let billing: any Temporis_Billing_V1_BillingService.ClientProtocol
  /// Predictions.
  package let predictions: any PredictionClient

  /// Names the services.
  package init(
    accounts: any Temporis_Token_V1_AccountService.ClientProtocol,
    tokens: any Temporis_Token_V1_AccessTokenService.ClientProtocol,
    sources: any Temporis_Predict_V1_DataSourceService.ClientProtocol,
    profiles: any Temporis_Predict_V1_DataProfileService.ClientProtocol,
    billing: any Temporis_Billing_V1_BillingService.ClientProtocol, predictions: any PredictionClient
  ) {
    self.accounts = accounts
    self.tokens = tokens
    self.sources = sources
    self.profiles = profiles
    self.billing = billing
    self.predictions = predictions
  }

  /// Asks the two services over the network.
  package init(tokenService: ServiceClient, predictService: ServiceClient, predictions: any PredictionClient) {
    self.init(
      accounts: Temporis_Token_V1_AccountService.Client(wrapping: tokenService.grpc),
      tokens: Temporis_Token_V1_AccessTokenService.Client(wrapping: tokenService.grpc),
      sources: Temporis_Predict_V1_DataSourceService.Client(wrapping: predictService.grpc),
      profiles: Temporis_Predict_V1_DataProfileService.Client(wrapping: predictService.grpc),
      billing: Temporis_Billing_V1_BillingService.Client(wrapping: predictService.grpc), predictions: predictions)
  }
}
