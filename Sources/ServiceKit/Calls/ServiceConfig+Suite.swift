package import GRPCCore
import TemporisAPI

extension ServiceConfig {
  /// How the suite's services are called: methods that only read are retried while their service is UNAVAILABLE.
  ///
  /// No other method is, not even one with an idempotency key: the transport makes calls again that the server says it
  /// never processed, and what may have been processed is the caller's to decide. Nothing waits for ready, so that a
  /// service that is down is told of at once. A service that fails many calls stops the retries until it answers again.
  package static func suite() throws -> ServiceConfig {
    // GRPCCore sees that the deadline is over after such a delay, not during it: they are short.
    let policy = RetryPolicy(
      maxAttempts: 4, initialBackoff: .milliseconds(50), maxBackoff: .milliseconds(200), backoffMultiplier: 2,
      retryableStatusCodes: [.unavailable])
    let names = readingMethods.map { MethodConfig.Name(service: $0.service.fullyQualifiedService, method: $0.method) }
    return ServiceConfig(
      methodConfig: [MethodConfig(names: names, executionPolicy: .retry(policy))],
      retryThrottling: try RetryThrottling(maxTokens: 100, tokenRatio: 0.1))
  }

  /// The methods that change nothing. Those of health checks aren't among them: their caller asks again by itself.
  private static let readingMethods: [MethodDescriptor] = [
    Temporis_Token_V1_AccountService.Method.GetAccount.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.ListAccessTokens.descriptor,
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor,
    Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetPaymentMethod.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetUsage.descriptor,
    Temporis_Billing_V1_BillingService.Method.ListCharges.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.ListDataSources.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.ListSeries.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.GetDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.ListDataProfiles.descriptor,
  ]
}
