package import NIOCore
import NIOPosix
import Synchronization

/// Looks names up with a function that may block for long, on a few threads of its own.
///
/// A name takes one thread at most, and whoever asks for one that is being looked up gets the same answer. So a name
/// whose servers don't answer keeps those waiting who ask for it, and others only if there are as many such names as
/// threads.
package final class NameLookups: Sendable {
  /// Finds the addresses of a name, whatever their ports; throws when there are none. It may block.
  package typealias LookUp = @Sendable (_ host: String) throws -> [SocketAddress]
  private typealias Continuation = CheckedContinuation<[SocketAddress], any Error>

  /// More names are asked for than may wait.
  package struct TooMany: Error, CustomStringConvertible {
    package var description: String { "too many names are being looked up" }
  }

  private let lookUp: LookUp
  private let threads: NIOThreadPool
  private let limit: Int
  /// Who waits for each name that a thread has or will have.
  private let waiting = Mutex<[String: [Continuation]]>([:])

  /// Starts the threads, which end with the last lookup once nobody holds this any more. Beside the names that they
  /// look up, `maxWaiting` may wait for one of them.
  package init(threads: Int = 4, maxWaiting: Int = 64, _ lookUp: @escaping LookUp) {
    self.lookUp = lookUp
    self.limit = threads + maxWaiting
    self.threads = NIOThreadPool(numberOfThreads: threads)
    self.threads.start()
  }

  deinit {
    self.threads.shutdownGracefully { _ in }
  }

  /// The addresses of a name; throws what its lookup throws, or ``TooMany`` at once.
  ///
  /// A task that is cancelled waits on: the thread can't be called off.
  package func addresses(of host: String) async throws -> [SocketAddress] {
    try await withCheckedThrowingContinuation { continuation in
      let action = self.waiting.withLock { waiting in
        if waiting[host] != nil {
          waiting[host]?.append(continuation)
          return Action.wait
        }
        guard waiting.count < self.limit else { return .refuse }
        waiting[host] = [continuation]
        return .start
      }
      switch action {
      case .start: self.threads.submit { _ in self.run(host) }
      case .wait: break
      case .refuse: continuation.resume(throwing: TooMany())
      }
    }
  }

  private enum Action {
    case start, wait, refuse
  }

  private func run(_ host: String) {
    let result = Result { try self.lookUp(host) }
    let waiting = self.waiting.withLock { $0.removeValue(forKey: host) }
    for continuation in waiting ?? [] {
      continuation.resume(with: result)
    }
  }
}
