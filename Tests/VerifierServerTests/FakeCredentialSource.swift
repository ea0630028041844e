import Synchronization
import TokenDomain

/// Credentials in memory, or a fault.
final class FakeCredentialSource: CredentialSource {
  private let credentials: Mutex<[SecretHash: Credential]>
  private let fault: (any Error)?

  init(_ credentials: [SecretHash: Credential] = [:], fault: (any Error)? = nil) {
    self.credentials = Mutex(credentials)
    self.fault = fault
  }

  func remove(_ hash: SecretHash) {
    credentials.withLock { $0[hash] = nil }
  }

  func credential(for hash: SecretHash) async throws -> Credential? {
    if let fault { throw fault }
    return credentials.withLock { $0[hash] }
  }
}

/// A source that answers nothing until it is cancelled.
struct EndlessCredentialSource: CredentialSource {
  /// Called once a look-up waits.
  let whenAsked: @Sendable () -> Void

  func credential(for hash: SecretHash) async throws -> Credential? {
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    whenAsked()
    for await _ in stream {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
  }
}
