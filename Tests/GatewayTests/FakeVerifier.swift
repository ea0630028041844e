import ServiceKit
import Synchronization
import TokenDomain

/// Knows three credentials: `ts_good`, `ts_ingest` (without the permission to predict) and a session that got through.
final class FakeVerifier: AuthorizationVerifier {
  private struct State {
    var isDown = false
    var asked: [String] = []
  }

  private let state = Mutex(State())

  /// The headers that it was asked about.
  var asked: [String] { state.withLock { $0.asked } }

  func breakDown() {
    state.withLock { $0.isDown = true }
  }

  func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    let isDown = state.withLock { state in
      state.asked.append(authorization)
      return state.isDown
    }
    if isDown { throw ServiceError(.unavailable) }
    func principal(_ kind: SecretKind, _ permissions: Set<Permission>) -> Principal {
      Principal(accountID: "acct_1", credentialID: "tok_1", kind: kind, permissions: permissions)
    }
    switch authorization.split(separator: " ").last {
    case "ts_good": return .valid(principal(.accessToken, [.ingest, .predict]))
    case "ts_ingest" where permission == .predict: return .permissionDenied(principal(.accessToken, [.ingest]))
    case "ts_ingest": return .valid(principal(.accessToken, [.ingest]))
    case "ts_session": return .valid(principal(.dashboardSession, [.ingest, .predict]))
    default: return .invalid
    }
  }
}
