import GRPCCore
import GRPCNghttp2Transport
import Synchronization

/// A fast path of a test, and what became of the calls that it was asked about.
final class FastPathRecorder: Sendable {
  private struct State {
    var asked = 0
    var calls: [FastPathCall] = []
  }

  private let state = Mutex(State())

  /// How often the handler was asked.
  var asked: Int { self.state.withLock { $0.asked } }

  /// The codes that the observer heard of.
  var codes: [Status.Code] { self.state.withLock { $0.calls.map(\.code) } }

  /// What the observer heard.
  var calls: [FastPathCall] { self.state.withLock { $0.calls } }

  /// A recorded fast path for a method of ``TestService``.
  func fastPath(_ method: String, _ handler: @escaping FastPath.Handler) -> FastPath {
    FastPath(method: TestService.method(method)) { call in
      self.state.withLock { $0.calls.append(call) }
    } handler: { message, context in
      self.state.withLock { $0.asked += 1 }
      return handler(message, context)
    }
  }

  /// One that sends the message back behind ``mark``, so that its answers can be told from a handler's.
  func echo(_ method: String = "Echo") -> FastPath {
    self.fastPath(method) { message, _ in .reply([Self.mark] + message.array) }
  }

  static let mark: UInt8 = 0xfa
}

extension RawSpan {
  var array: [UInt8] { self.withUnsafeBytes { Array($0) } }
}
