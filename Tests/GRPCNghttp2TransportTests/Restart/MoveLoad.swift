import Foundation
import GRPCCore
import GRPCNghttp2Transport
import Synchronization

/// Calls made as fast as they are answered: unary and streaming, with a retry policy and without, as many of each.
final class MoveLoad: Sendable {
  enum Method: String, CaseIterable, Sendable {
    case unaryOnce
    case unaryRetried
    case streamOnce
    case streamRetried

    var isStreaming: Bool { self == .streamOnce || self == .streamRetried }
  }

  /// The calls of a proof, as the environment has them; nil when nobody wants one.
  static let proof = ProcessInfo.processInfo.environment["TEMPORIS_MOVES"].flatMap { Int($0) }
  /// Few when many other tests run beside these. A multiple of what is made at once.
  static let calls = (proof ?? 5000) / callers * callers
  /// How many calls are open at once.
  static let callers = 64
  /// The messages of a streaming call, each way.
  static let messages: UInt8 = 3

  let ledger = MoveLedger(calls: MoveLoad.calls)
  private let lastID = Atomic<UInt32>(0)
  private let time = Mutex(Duration.zero)
  /// What calls failed with.
  let failures = Tally()

  /// Makes all calls, an even share with each client.
  func run(_ clients: [TestClient]) async {
    let start = ContinuousClock.now
    let shares = clients.count * Method.allCases.count
    await withDiscardingTaskGroup { group in
      for client in clients {
        for method in Method.allCases {
          for _ in 0..<Self.callers / shares {
            group.addTask {
              for _ in 0..<Self.calls / Self.callers { await self.call(client, method) }
            }
          }
        }
      }
    }
    self.time.withLock { $0 = ContinuousClock.now - start }
  }

  /// Says what happened, if this is a proof.
  func report(_ title: String) {
    guard Self.proof != nil else { return }
    let seconds = self.time.withLock { $0 } / .seconds(1)
    print(
      """
      \(title): \(Self.calls) calls in \(Int(seconds)) s, \(Int(Double(Self.calls) / seconds)) each second; failed: \
      \(self.failures.counts); not executed exactly once: \(self.ledger.notOnce.count)
      """)
  }

  private func call(_ client: TestClient, _ method: Method) async {
    let id = self.lastID.add(1, ordering: .relaxed).newValue
    do {
      if method.isStreaming {
        let messages = (0..<Self.messages).map { MoveLedger.message(id, $0) }
        let answer = try await client.stream(method.rawValue) { writer in
          for message in messages { try await writer.write(message) }
        } response: { response in
          try await response.messages.reduce(into: []) { $0.append($1) }
        }
        if answer != messages { throw RPCError(code: .dataLoss, message: "\(answer)") }
      } else {
        let message = MoveLedger.message(id, 0)
        let answer = try await client.call(method.rawValue, message)
        if answer != message { throw RPCError(code: .dataLoss, message: "\(answer)") }
      }
    } catch {
      self.failures.add("\(method): \(error)")
    }
  }

  static var configuration: Nghttp2ClientConfiguration {
    let policy = RetryPolicy(
      maxAttempts: 4, initialBackoff: .milliseconds(10), maxBackoff: .milliseconds(100), backoffMultiplier: 2,
      retryableStatusCodes: [.unavailable])
    let retried = [Method.unaryRetried, .streamRetried].map {
      MethodConfig.Name(service: TestService.name, method: $0.rawValue)
    }
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.backoff.initial = .milliseconds(5)
    configuration.serviceConfig = ServiceConfig(methodConfig: [
      MethodConfig(names: retried, executionPolicy: .retry(policy))
    ])
    return configuration
  }
}
