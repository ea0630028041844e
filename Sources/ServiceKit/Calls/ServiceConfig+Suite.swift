package import GRPCCore
import TemporisAPI

extension ServiceConfig {
  /// How the suite's services are called: no unary call takes longer than a person would wait, and methods that only
  /// read are retried while their service is UNAVAILABLE.
  ///
  /// No other method is, not even one with an idempotency key: the transport makes calls again that the server says it
  /// never processed, and what may have been processed is the caller's to decide. Calls do not wait for ready: if a
  /// service is down, they fail immediately, those that are retried after their last attempt. A service that fails many
  /// calls stops the retries until it answers again.
  package static func suite() throws -> ServiceConfig {
    let policy = RetryPolicy(
      maxAttempts: 4, initialBackoff: .milliseconds(50), maxBackoff: .milliseconds(200), backoffMultiplier: 2,
      retryableStatusCodes: [.unavailable])
    return ServiceConfig(
      methodConfig: [
        MethodConfig(
          names: names(readingMethods), timeout: unaryTimeout, executionPolicy: .retry(policy)),
        MethodConfig(names: names(writingMethods), timeout: unaryTimeout),
        MethodConfig(names: names(hashingMethods), timeout: hashingTimeout),
        MethodConfig(names: names(deletingMethods), timeout: deletingTimeout),
      ],
      retryThrottling: try RetryThrottling(maxTokens: 100, tokenRatio: 0.1))
  }

  /// How long a call may take whose caller says nothing shorter. A token's deletion waits for the verifiers, at most
  /// for the time of a lease and half a second.
  private static let unaryTimeout = Duration.seconds(10)
  /// The same for one that hashes a password, of which a service does a few at a time: the caller waits for a turn.
  private static let hashingTimeout = Duration.seconds(30)

  /// The same for one that deletes rows, of which there may be millions: what it did not come to is deleted by the
  /// next.
  private static let deletingTimeout = Duration.seconds(120)

  private static func names(_ methods: [MethodDescriptor]) -> [MethodConfig.Name] {
    methods.map { MethodConfig.Name(service: $0.service.fullyQualifiedService, method: $0.method) }
  }

  /// The methods that change nothing. Those of health checks aren't among them: their caller asks again by itself.
  private static let readingMethods: [MethodDescriptor] = [
    Temporis_Token_V1_AccountService.Method.GetAccount.descriptor,
    Temporis_Token_V1_AccountService.Method.ListSessions.descriptor,
    Temporis_Token_V1_AccountService.Method.ListAuditRecords.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.GetAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.ListAccessTokens.descriptor,
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor,
    Temporis_Token_V1_CredentialService.Method.LookupCredentials.descriptor,
    Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetPaymentMethod.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetUsage.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetCredentialUsage.descriptor,
    Temporis_Billing_V1_BillingService.Method.GetCharge.descriptor,
    Temporis_Billing_V1_BillingService.Method.ListCharges.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.GetDataSource.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.ListDataSources.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.ListSeries.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.GetDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.ListDataProfiles.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.GetDataProfileContext.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.ListPublicDataProfiles.descriptor,
  ]

  /// The methods that change something in one exchange.
  private static let writingMethods: [MethodDescriptor] = [
    Temporis_Token_V1_AccountService.Method.DeleteSession.descriptor,
    Temporis_Token_V1_AccountService.Method.DeleteSessions.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.CreateAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.UpdateAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.RotateAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.DisableAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.EnableAccessToken.descriptor,
    Temporis_Token_V1_AccessTokenService.Method.DeleteAccessToken.descriptor,
    Temporis_Token_V1_CredentialService.Method.ReportRefusals.descriptor,
    Temporis_Token_V1_RevocationService.Method.RegisterVerifier.descriptor,
    Temporis_Token_V1_RevocationService.Method.RenewLease.descriptor,
    Temporis_Token_V1_RevocationService.Method.EndLease.descriptor,
    Temporis_Billing_V1_BillingService.Method.SetPaymentMethod.descriptor,
    Temporis_Billing_V1_BillingService.Method.RemovePaymentMethod.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.CreateDataSource.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.DeleteDataSource.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.ArchiveDataSource.descriptor,
    Temporis_Predict_V1_DataSourceService.Method.UnarchiveDataSource.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.CreateDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.UpdateDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.DeleteDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.PublishDataProfile.descriptor,
    Temporis_Predict_V1_DataProfileService.Method.UnpublishDataProfile.descriptor,
  ]

  private static let hashingMethods: [MethodDescriptor] = [
    Temporis_Token_V1_AccountService.Method.CreateAccount.descriptor,
    Temporis_Token_V1_AccountService.Method.CreateSession.descriptor,
    Temporis_Token_V1_AccountService.Method.ChangePassword.descriptor,
  ]

  private static let deletingMethods: [MethodDescriptor] = [
    Temporis_Predict_V1_DataSourceService.Method.DeleteRecords.descriptor
  ]
}
