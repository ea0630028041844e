import GRPCCore
import Synchronization

/// What becomes of the handlers whose clients want to know: a call that names itself in its metadata is observed, and
/// an EmptyCall with the same metadata is told its state.
final class ObservedCalls: Sendable {
  enum State: String {
    case begun, ended, cancelled
  }

  static let idKey = "x-interop-call"
  static let stateKey = "x-interop-state"

  private let states = Mutex<[String: State]>([:])

  /// Notes what became of a call, if it is one to be observed.
  func note(_ state: State, _ metadata: Metadata) {
    guard let id = self.id(metadata) else { return }
    self.states.withLock { $0[id] = state }
  }

  /// What an EmptyCall's client is told.
  func state(_ metadata: Metadata) -> Metadata {
    guard let id = self.id(metadata), let state = self.states.withLock({ $0[id] }) else { return [:] }
    return [Self.stateKey: "\(state.rawValue)"]
  }

  private func id(_ metadata: Metadata) -> String? {
    metadata[stringValues: Self.idKey].first { _ in true }
  }
}
