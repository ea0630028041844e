import ServiceKit
import ServiceLifecycle
import TokenDomain

/// Makes the verifier's health follow whether credentials can be looked up.
struct TokenServiceProbe: Service {
  let source: any CredentialSource
  let health: HealthMonitor
  var interval = Duration.seconds(1)

  /// Looks a credential up that nobody has, until the process drains.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        health.set(isServing: await canLookUp())
        try? await pause(for: interval)
      }
    }
  }

  private func canLookUp() async -> Bool {
    do {
      _ = try await source.credential(for: SecretHash(Secret(kind: .accessToken)))
      return true
    } catch {
      return false
    }
  }
}
