import GRPCNghttp2Transport
import ServiceKit
import Synchronization
import TokenDomain
import VerifierServer

/// A verifier over a source in memory, and what keeps its lease in place of a token service.
struct VerifierFixture {
  let source = FakeLookups()
  let credentials: VerifiedCredentials
  let verifier: CachingVerifier
  let client = ClientAddress("192.0.2.1")

  /// - Parameters:
  ///   - lease: How long the lease holds, from now; nil: there is none.
  ///   - time: The seconds since 1970.
  init(
    lease: Duration? = .seconds(3_600), capacity: Int = 10_000, attempts: Int = 0,
    limits: CachingVerifier.Limits = .test, time: @escaping @Sendable () -> Double = { 1_000_000 }
  ) {
    credentials = VerifiedCredentials(capacity: capacity, wallClock: time)
    verifier = CachingVerifier(
      credentials: credentials, source: source, attempts: FailedAttempts(perMinute: attempts), limits: limits)
    if let lease { register(lease: lease) }
  }

  /// Registers a new session where the log ends.
  @discardableResult
  func register(lease: Duration, asked: ContinuousClock.Instant = .now) -> VerifierSessionID {
    let session = VerifierSessionID.random()
    credentials.register(as: session, at: asked)
    _ = credentials.registered(session, at: source.position, lease: lease)
    return session
  }

  /// Creates a credential and returns its secret.
  func create(
    _ id: String = "tok_1", account: String = "acct_1", kind: SecretKind = .accessToken,
    permissions: Set<Permission> = [.predict], state: Credential.State = .active, lifetime: Duration? = nil
  ) -> Secret {
    let secret = Secret(kind: kind)
    source[SecretHash(secret)] = .test(
      id, account: account, kind: kind, permissions: permissions, state: state, lifetime: lifetime)
    return secret
  }

  /// Verifies a secret.
  func verify(_ secret: Secret, _ permission: Permission? = nil) async throws -> Verdict {
    try await verifier.verify(authorization: "Bearer \(secret.revealed)", permission: permission, client: client)
  }

  /// Commits a change and has it applied.
  func change(_ subject: Revocation.Subject, _ secret: Secret? = nil, to credential: Credential? = nil) {
    let entry = source.commit(subject, secret.map { SecretHash($0) }, credential)
    apply(entry)
  }

  func apply(_ entry: Revocation) {
    guard let session = credentials.sessionID else { return }
    _ = credentials.receive([entry], for: session)
  }
}

extension CachingVerifier.Limits {
  /// Patient enough for a busy machine.
  static var test: Self {
    var limits = Self()
    limits.patience = .seconds(60)
    return limits
  }
}

extension VerifierSessionID {
  static func random() -> Self {
    var generator = SystemRandomNumberGenerator()
    return Self(using: &generator)
  }
}

extension Credential {
  static func test(
    _ id: String = "tok_1", account: String = "acct_1", kind: SecretKind = .accessToken,
    permissions: Set<Permission> = [.predict], state: State = .active, lifetime: Duration? = nil
  ) -> Credential {
    Credential(
      Principal(accountID: account, credentialID: id, kind: kind, permissions: permissions), state: state,
      remainingLifetime: lifetime)
  }
}

extension Verdict {
  /// Whether it is VALID.
  var isValid: Bool {
    if case .valid = self { true } else { false }
  }
}
