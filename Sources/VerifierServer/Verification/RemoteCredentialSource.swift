import GRPCCore
package import ServiceKit
import SwiftProtobuf
import TemporisAPI
package import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Looks credentials up at the token service, every time: what it answers was read after the question.
package struct RemoteCredentialSource: CredentialLookupSource {
  private let caller: any UnaryCaller
  private let timeout: Duration

  /// Asks through `caller` and waits at most `timeout` for each answer.
  package init(caller: any UnaryCaller, timeout: Duration) {
    self.caller = caller
    self.timeout = timeout
  }

  /// Asks the token service.
  ///
  /// Every fault is a ``ServiceError`` `unavailable`, whatever status it came as, so that none can look like a verdict.
  package func lookUp(_ hashes: [SecretHash], for requestID: String?, completion: @escaping Completion) {
    var request = Temporis_Token_V1_LookupCredentialsRequest()
    request.secretSha256 = hashes.map { Data($0.bytes) }
    let message: [UInt8]
    do {
      message = try request.serializedBytes()
    } catch {
      return completion(hashes.map { _ in .failure(Self.fault(error)) })
    }
    var metadata = Metadata()
    if let requestID { metadata.addString(requestID, forKey: RequestID.name) }
    caller.call(
      Temporis_Token_V1_CredentialService.Method.LookupCredentials.descriptor, message, metadata: metadata,
      timeout: timeout
    ) { response in
      do {
        completion(try Self.read(try response.get(), count: hashes.count))
      } catch {
        completion(hashes.map { _ in .failure(Self.fault(error)) })
      }
    }
  }

  private static func read(_ message: [UInt8], count: Int) throws -> [Result<CredentialLookup, any Error>] {
    let response = try Temporis_Token_V1_LookupCredentialsResponse(serializedBytes: message)
    // One without a place in the log can't be judged, and is a fault.
    guard response.hasPosition, response.results.count == count else {
      throw ServiceError(
        .unavailable, "The token-service does not answer all that it was asked, or not in which log.")
    }
    let position = LogPosition(response.position)
    return response.results.map { result in
      Result { try CredentialLookup(result.hasCredential ? Credential(result.credential) : nil, readAt: position) }
    }
  }

  private static func fault(_ error: any Error) -> ServiceError {
    ServiceError(.unavailable, "Credentials cannot be looked up now.", isRetried: true, cause: error)
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
