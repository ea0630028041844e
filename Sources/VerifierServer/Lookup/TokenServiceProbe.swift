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
        health.set(failure: await lookUpFailure())
        try? await pause(for: interval)
      }
    }
  }

  private func lookUpFailure() async -> (any Error)? {
    do {
      _ = try await source.credential(for: SecretHash(Secret(kind: .accessToken)))
      return nil
    } catch {
      return error
    }
  }
}
