import ServiceKit
import Synchronization
import TokenDomain

/// Knows four credentials: `ts_good`, `ts_ingest` (without the permission to predict), a session that got through, and
/// another account's `ts_other`.
/// Whoever tries `ts_many` has tried too many.
final class FakeVerifier: AuthorizationVerifier {
  private struct State {
    var isDown = false
    var asked: [String] = []
    var clients: [ClientAddress?] = []
  }

  private let state = Mutex(State())

  /// The headers that it was asked about.
  var asked: [String] { state.withLock { $0.asked } }

  /// The clients for whom it was asked.
  var clients: [ClientAddress?] { state.withLock { $0.clients } }

  func breakDown() {
    state.withLock { $0.isDown = true }
  }

  func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    let isDown = state.withLock { state in
      state.asked.append(authorization)
      state.clients.append(.current)
      return state.isDown
    }
    if isDown { throw ServiceError(.unavailable) }
    func principal(_ kind: SecretKind, _ permissions: Set<Permission>, of account: String = "acct_1") -> Principal {
      Principal(accountID: account, credentialID: "tok_1", kind: kind, permissions: permissions)
    }
    switch authorization.split(separator: " ").last {
    case "ts_good": return .valid(principal(.accessToken, [.ingest, .predict]))
    case "ts_other": return .valid(principal(.accessToken, [.ingest, .predict], of: "acct_2"))
    case "ts_ingest" where permission == .predict: return .permissionDenied(principal(.accessToken, [.ingest]))
    case "ts_ingest": return .valid(principal(.accessToken, [.ingest]))
    case "ts_session": return .valid(principal(.dashboardSession, [.ingest, .predict]))
    case "ts_many": throw ServiceError(.rateLimited, retryAfter: .milliseconds(6_500))
    default: return .invalid
    }
  }
}
