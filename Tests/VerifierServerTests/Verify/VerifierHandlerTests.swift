import GRPCCore
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain
import VerifierServer

@Suite struct VerifierHandlerTests {
  private static let secret = Secret(kind: .accessToken)
  private static let session = Secret(kind: .dashboardSession)

  private static let source = FakeCredentialSource([
    SecretHash(secret): Credential(
      Principal(accountID: "acct_1", credentialID: "tok_1", kind: .accessToken, permissions: [.ingest])),
    SecretHash(session): Credential(
      Principal(
        accountID: "acct_1", credentialID: "ses_1", kind: .dashboardSession, permissions: [.ingest, .predict]),
      remainingLifetime: .seconds(60)),
  ])

  private static func verify(
    _ authorization: String, _ permission: Temporis_Token_V1_Permission = .unspecified,
    source: any CredentialSource = source
  ) async throws -> Temporis_Verifier_V1_VerifyResponse {
    var request = Temporis_Verifier_V1_VerifyRequest()
    request.authorization = authorization
    request.requiredPermission = permission
    return try await VerifierHandler(verifier: CredentialVerifier(source: source)).verify(
      request: request, context: .test)
  }

  @Test(
    "The verdict follows from the header and the required permission",
    arguments: [
      ("Bearer \(secret.revealed)", .unspecified, .valid),
      ("bearer   \(secret.revealed)", .ingest, .valid),
      ("Bearer \(secret.revealed)", .predict, .permissionDenied),
      ("Bearer \(session.revealed)", .unspecified, .valid),
      ("Bearer \(session.revealed)", .predict, .valid),
      ("", .unspecified, .missing),
      ("Bearer", .ingest, .missing),
      (secret.revealed, .unspecified, .missing),
      ("Basic \(secret.revealed)", .unspecified, .missing),
      ("Bearer \(secret.revealed) x", .unspecified, .missing),
      ("Bearer \(secret.revealed), Bearer \(secret.revealed)", .unspecified, .missing),
      ("Bearer abc", .predict, .invalid),
      ("Bearer \(secret.revealed)0", .unspecified, .invalid),
      ("Bearer \(secret.revealed.dropLast())", .unspecified, .invalid),
      ("Bearer \(Secret(kind: .accessToken).revealed)", .ingest, .invalid),
      ("Bearer \(Secret(kind: .dashboardSession).revealed)", .unspecified, .invalid),
    ] as [(String, Temporis_Token_V1_Permission, Temporis_Verifier_V1_Verdict)])
  func verdicts(
    authorization: String, permission: Temporis_Token_V1_Permission, expected: Temporis_Verifier_V1_Verdict
  ) async throws {
    let response = try await Self.verify(authorization, permission)
    #expect(response.verdict == expected)
    #expect(response.hasPrincipal == (expected == .valid || expected == .permissionDenied))
  }

  @Test("The principal is the credential's account, id, kind and permissions")
  func principals() async throws {
    let token = try await Self.verify("Bearer \(Self.secret.revealed)").principal
    #expect(token.accountID == "acct_1")
    #expect(token.credentialID == "tok_1")
    #expect(token.kind == .accessToken)
    #expect(token.permissions == [.ingest])
    let session = try await Self.verify("Bearer \(Self.session.revealed)").principal
    #expect(session.kind == .dashboardSession)
    #expect(session.permissions == [.ingest, .predict])
  }

  @Test("Each call asks anew: what was valid a moment ago is invalid once it is gone")
  func noMemory() async throws {
    let source = FakeCredentialSource([
      SecretHash(Self.secret): Credential(
        Principal(accountID: "acct_1", credentialID: "tok_1", kind: .accessToken, permissions: [.ingest]))
    ])
    #expect(try await Self.verify("Bearer \(Self.secret.revealed)", source: source).verdict == .valid)
    source.remove(SecretHash(Self.secret))
    #expect(try await Self.verify("Bearer \(Self.secret.revealed)", source: source).verdict == .invalid)
  }

  @Test("A fault of the look-up is UNAVAILABLE and never a verdict")
  func faults() async throws {
    for fault in [RPCError(code: .notFound, message: ""), ServiceError(.unavailable), CancellationError()]
      as [any Error]
    {
      let error = await #expect(throws: ServiceError.self) {
        try await Self.verify("Bearer \(Self.secret.revealed)", source: FakeCredentialSource(fault: fault))
      }
      #expect(error?.rpcErrorCode == .unavailable)
    }
  }

  @Test("A header that needs no look-up is judged while the token service is down")
  func outage() async throws {
    let source = FakeCredentialSource(fault: ServiceError(.unavailable))
    #expect(try await Self.verify("", source: source).verdict == .missing)
    #expect(try await Self.verify("Bearer abc", source: source).verdict == .invalid)
  }

  @Test("A permission that this version does not know is refused, not passed unchecked")
  func unknownPermission() async throws {
    let error = await #expect(throws: ServiceError.self) {
      try await Self.verify("Bearer \(Self.secret.revealed)", .UNRECOGNIZED(99))
    }
    #expect(error?.reason == .invalidArgument)
  }

  @Test("A look-up ends with the call that asked for it", .timeLimit(.minutes(1)))
  func cancellation() async throws {
    let (started, continuation) = AsyncStream.makeStream(of: Void.self)
    let call = Task {
      try await Self.verify("Bearer \(Self.secret.revealed)", source: EndlessCredentialSource { continuation.yield() })
    }
    for await _ in started.prefix(1) { call.cancel() }
    let error = await #expect(throws: ServiceError.self) { try await call.value }
    #expect(error?.reason == .unavailable)
  }
}

extension ServerContext {
  /// A context for handlers that are called directly.
  static var test: ServerContext {
    ServerContext(
      descriptor: Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor, remotePeer: "test", localPeer: "test",
      cancellation: RPCCancellationHandle())
  }
}
