import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

/// Reports refusals to the token service.
package struct RefusalReport<Client: Temporis_Token_V1_CredentialService.ClientProtocol>: Sendable {
  private let refusals: Refusals
  private let client: Client
  private let timeout: Duration

  /// Reports through `client`, and waits at most `timeout` for it.
  package init(of refusals: Refusals, client: Client, timeout: Duration) {
    self.refusals = refusals
    self.client = client
    self.timeout = timeout
  }

  /// Reports what was counted since the last time. What could not be reported is counted on.
  package func send() async throws {
    let taken = refusals.take()
    guard !taken.isEmpty else { return }
    var request = Temporis_Token_V1_ReportRefusalsRequest()
    request.refusals = taken.map { key, count in
      .with {
        $0.accountID = key.accountID.string
        $0.credentialID = key.credentialID.string
        $0.reason = .init(key.reason)
        $0.count = count
      }
    }
    do {
      _ = try await CallDeadline.within(timeout) { [request] in try await client.reportRefusals(request) }
    } catch {
      refusals.putBack(taken)
      throw error
    }
  }
}

extension Temporis_Token_V1_RefusalReason {
  fileprivate init(_ reason: Refusals.Reason) {
    switch reason {
    case .permission: self = .permission
    case .stopped: self = .stopped
    }
  }
}
