import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI

extension StackClient {
  /// Reads an access token.
  package func token(_ id: String) async throws -> Temporis_Token_V1_AccessToken {
    try await tokens.getAccessToken(.with { $0.accessTokenID = id }).accessToken
  }

  /// Reads what an access token was billed in the last 24 hours.
  ///
  /// - Returns: `nil` when the billing service does not answer soon, which keeps nobody from stopping a token.
  package func usage(ofToken id: String) async throws -> Temporis_Billing_V1_GetCredentialUsageResponse? {
    do {
      return try await CallDeadline.within(.seconds(2)) {
        try await billing.getCredentialUsage(.with { $0.credentialID = id })
      }
    } catch let error as RPCError where error.code == .unavailable || error.code == .deadlineExceeded {
      return nil
    }
  }
}
