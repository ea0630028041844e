import Synchronization
import Testing
import TokenDomain

@Suite struct CredentialVerifierTests {
  private static func credential(
    _ kind: SecretKind = .accessToken, _ permissions: Set<Permission> = [.ingest, .predict],
    remaining: Duration? = nil
  ) -> Credential {
    Credential(principal(kind, permissions), remainingLifetime: remaining)
  }

  private static func principal(
    _ kind: SecretKind = .accessToken, _ permissions: Set<Permission> = [.ingest, .predict]
  ) -> Principal {
    Principal(accountID: "acct_1", credentialID: "tok_1", kind: kind, permissions: permissions)
  }

  @Test(
    "The verdict follows from what was found and what is required",
    arguments: [
      (credential(), .accessToken, nil, .valid(principal())),
      (credential(), .accessToken, .predict, .valid(principal())),
      (credential(.accessToken, [.ingest]), .accessToken, .ingest, .valid(principal(.accessToken, [.ingest]))),
      (
        credential(.accessToken, [.ingest]), .accessToken, .predict,
        .permissionDenied(principal(.accessToken, [.ingest]))
      ),
      (credential(.accessToken, []), .accessToken, nil, .valid(principal(.accessToken, []))),
      (credential(.dashboardSession), .dashboardSession, .ingest, .valid(principal(.dashboardSession))),
      (credential(.dashboardSession), .accessToken, nil, .invalid),
      (credential(), .dashboardSession, nil, .invalid),
      (nil, .accessToken, nil, .invalid),
      (nil, .dashboardSession, .predict, .invalid),
      (credential(remaining: .zero), .accessToken, nil, .invalid),
      (credential(remaining: .seconds(-1)), .accessToken, nil, .invalid),
      (credential(remaining: .seconds(1)), .accessToken, nil, .valid(principal())),
    ] as [(Credential?, SecretKind, Permission?, Verdict)])
  func rules(found: Credential?, kind: SecretKind, required: Permission?, expected: Verdict) {
    #expect(Verdict(found: found, presentedAs: kind, permission: required) == expected)
  }

  @Test("Only a token of the right shape and check digits is looked up, by its hash")
  func lookUps() async throws {
    let secret = Secret(kind: .accessToken)
    let source = RecordingSource(credential: Self.credential())
    let verifier = CredentialVerifier(source: source)
    for value in ["", "Basic abc", "Bearer a b"] {
      #expect(try await verifier.verify(authorization: value, permission: nil) == .missing)
    }
    let mistyped = String(secret.revealed.reversed())
    for value in ["Bearer abc", "Bearer \(secret.revealed)0", "Bearer \(mistyped)", "Bearer ts_"] {
      #expect(try await verifier.verify(authorization: value, permission: nil) == .invalid)
    }
    #expect(source.asked.isEmpty)
    let verdict = try await verifier.verify(authorization: "bearer  \(secret.revealed)", permission: .predict)
    #expect(verdict == .valid(Self.principal()))
    #expect(source.asked == [SecretHash(secret)])
  }

  @Test("A fault of the look-up is thrown and is no verdict")
  func faults() async {
    let verifier = CredentialVerifier(source: RecordingSource(credential: nil, error: Fault()))
    await #expect(throws: Fault.self) {
      try await verifier.verify(authorization: "Bearer \(Secret(kind: .accessToken).revealed)", permission: nil)
    }
  }
}

private struct Fault: Error {}

private final class RecordingSource: CredentialSource {
  private let found: Credential?
  private let error: Fault?
  private let hashes = Mutex<[SecretHash]>([])

  init(credential: Credential?, error: Fault? = nil) {
    found = credential
    self.error = error
  }

  var asked: [SecretHash] { hashes.withLock(\.self) }

  func credential(for hash: SecretHash) async throws -> Credential? {
    hashes.withLock { $0.append(hash) }
    if let error { throw error }
    return found
  }
}
