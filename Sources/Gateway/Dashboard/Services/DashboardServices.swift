package import GRPCCore
import ServiceKit
import TemporisAPI

/// The services that the pages ask, each as any client would, for the caller of one request.
package struct DashboardServices: Sendable {
  /// Accounts and sessions.
  let accounts: any Temporis_Token_V1_AccountService.ClientProtocol
  /// Access tokens.
  let tokens: any Temporis_Token_V1_AccessTokenService.ClientProtocol
  /// Data sources.
  let sources: any Temporis_Predict_V1_DataSourceService.ClientProtocol
  /// Data profiles.
  let profiles: any Temporis_Predict_V1_DataProfileService.ClientProtocol
  /// The card on file, the usage and the charges.
  let billing: any Temporis_Billing_V1_BillingService.ClientProtocol

  /// Asks the two services with clients whose calls carry what identifies the caller.
  package init(
    tokenService: GRPCClient<some ClientTransport>, predictService: GRPCClient<some ClientTransport>
  ) {
    accounts = Temporis_Token_V1_AccountService.Client(wrapping: tokenService)
    tokens = Temporis_Token_V1_AccessTokenService.Client(wrapping: tokenService)
    sources = Temporis_Predict_V1_DataSourceService.Client(wrapping: predictService)
    profiles = Temporis_Predict_V1_DataProfileService.Client(wrapping: predictService)
    billing = Temporis_Billing_V1_BillingService.Client(wrapping: predictService)
  }
}

/// Who asks a page: what the calls to each service carry.
package struct DashboardCaller: Sendable {
  /// For the token-service: the session, and the client, whom passwords that are tried count against.
  package let tokenService: Metadata
  /// For the predict-service: the session alone. With the client's address, who tries unknown tokens from the same
  /// network would have the calls of this one refused, too.
  package let predictService: Metadata

  /// Describes who asks.
  /// - Parameters:
  ///   - session: `nil` when nobody is signed in.
  ///   - client: The address of the browser. `nil` when it came over no IP connection.
  init(_ session: Session?, from client: IPAddress?) {
    let session = session?.metadata ?? [:]
    var metadata = session
    if let client { metadata.addString(client.description, forKey: ClientAddress.metadataKey) }
    tokenService = metadata
    predictService = session
  }
}
