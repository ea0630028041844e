import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
package import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Looks credentials up at the token service, every time: what it answers was read after the question.
package struct RemoteCredentialSource<
  Client: Temporis_Token_V1_CredentialService.ClientProtocol
>: CredentialLookupSource {
  private let client: Client
  private let timeout: Duration

  /// Asks through `client` and waits at most `timeout` for each answer, and no longer than the call waits that it is
  /// asked for.
  package init(client: Client, timeout: Duration) {
    self.client = client
    self.timeout = timeout
  }

  /// Asks the token service.
  ///
  /// - Throws: ``ServiceError`` `unavailable` for every fault, whatever status it came as, so that none can look like a
  ///   verdict.
  package func lookUp(_ hashes: [SecretHash]) async throws -> [Result<CredentialLookup, any Error>] {
    var request = Temporis_Token_V1_LookupCredentialsRequest()
    request.secretSha256 = hashes.map { Data($0.bytes) }
    do {
      let response = try await CallDeadline.within(timeout) { [request] in try await client.lookupCredentials(request) }
      // One without a place in the log can't be judged, and is a fault.
      guard response.hasPosition, response.results.count == hashes.count else {
        throw ServiceError(
          .unavailable, "The token-service does not answer all that it was asked, or not in which log.")
      }
      let position = LogPosition(response.position)
      return response.results.map { result in
        Result { try CredentialLookup(result.hasCredential ? Credential(result.credential) : nil, readAt: position) }
      }
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw ServiceError(.unavailable, "Credentials cannot be looked up now.", isRetried: true, cause: error)
    }
  }
}

extension Credential {
  /// Reads the token service's answer. A kind or a state that this version does not know is a fault and no verdict.
  fileprivate init(_ message: Temporis_Token_V1_Credential) throws {
    guard let kind = SecretKind(message.kind), let state = State(message.state), !message.accountID.isEmpty,
      !message.credentialID.isEmpty
    else {
      throw ServiceError(.unavailable, "The token-service answers with a credential that this version does not know.")
    }
    let lifetime = message.remainingLifetime
    let principal = Principal(
      accountID: message.accountID, credentialID: message.credentialID, kind: kind,
      permissions: Set(message.permissions.compactMap(Permission.init)))
    self.init(
      principal, state: state,
      remainingLifetime: message.hasRemainingLifetime
        ? .seconds(lifetime.seconds) + .nanoseconds(Int64(lifetime.nanos)) : nil)
  }
}

extension Credential.State {
  fileprivate init?(_ state: Temporis_Token_V1_CredentialState) {
    switch state {
    case .active: self = .active
    case .stopped: self = .stopped
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}
