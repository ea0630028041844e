import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import Testing
import TokenDomain
import VerifierServer

@Suite struct RemoteCredentialSourceTests {
  private let hash = SecretHash(Secret(kind: .accessToken))

  private func look(_ client: FakeCredentialClient) async throws -> Credential? {
    try await RemoteCredentialSource(client: client, timeout: .seconds(2)).credential(for: hash)
  }

  @Test("The hash is sent, never the secret, and no longer than the timeout is waited")
  func request() async throws {
    let client = FakeCredentialClient()
    #expect(try await look(client) == nil)
    let (request, timeout) = try #require(client.asked.first)
    #expect(Array(request.secretSha256) == hash.bytes)
    let rest = try #require(timeout)
    #expect(rest > .zero && rest <= .seconds(2))
  }

  @Test("An answer becomes a credential")
  func answer() async throws {
    var credential = Temporis_Token_V1_Credential()
    credential.kind = .dashboardSession
    credential.accountID = "acct_1"
    credential.credentialID = "ses_1"
    credential.permissions = [.predict, .UNRECOGNIZED(9)]
    credential.remainingLifetime.seconds = 1
    credential.remainingLifetime.nanos = 500_000_000
    #expect(
      try await look(FakeCredentialClient(credential))
        == Credential(
          Principal(accountID: "acct_1", credentialID: "ses_1", kind: .dashboardSession, permissions: [.predict]),
          remainingLifetime: .milliseconds(1_500)))
  }

  @Test("An answer that makes no sense is a fault")
  func nonsense() async throws {
    var kind = Temporis_Token_V1_Credential()
    kind.accountID = "acct_1"
    kind.credentialID = "tok_1"
    var account = kind
    account.kind = .accessToken
    account.accountID = ""
    for credential in [Temporis_Token_V1_Credential(), kind, account] {
      let error = await #expect(throws: ServiceError.self) { try await look(FakeCredentialClient(credential)) }
      #expect(error?.reason == .unavailable)
    }
  }

  @Test(
    "Whatever status the token service answers, the fault is UNAVAILABLE",
    arguments: [
      RPCError.Code.unavailable, .deadlineExceeded, .notFound, .unauthenticated, .permissionDenied, .internalError,
      .unknown, .cancelled, .invalidArgument,
    ])
  func faults(code: RPCError.Code) async throws {
    let client = FakeCredentialClient(error: RPCError(code: code, message: ""))
    let error = await #expect(throws: ServiceError.self) { try await look(client) }
    #expect(error?.reason == .unavailable)
  }
}

/// A token service that answers always the same.
private final class FakeCredentialClient: Temporis_Token_V1_CredentialService.ClientProtocol {
  private let questions = Mutex<[(Temporis_Token_V1_LookupCredentialRequest, Duration?)]>([])
  private let credential: Temporis_Token_V1_Credential?
  private let error: RPCError?

  init(_ credential: Temporis_Token_V1_Credential? = nil, error: RPCError? = nil) {
    self.credential = credential
    self.error = error
  }

  var asked: [(Temporis_Token_V1_LookupCredentialRequest, Duration?)] { questions.withLock(\.self) }

  func lookupCredential<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_LookupCredentialRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_LookupCredentialRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_LookupCredentialResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_LookupCredentialResponse>) async throws -> Result
  ) async throws -> Result {
    let rest = CallDeadline.current.map { ContinuousClock.now.duration(to: $0) }
    questions.withLock { $0.append((request.message, rest)) }
    if let error { return try await onResponse(ClientResponse(error: error)) }
    var response = Temporis_Token_V1_LookupCredentialResponse()
    if let credential { response.credential = credential }
    return try await onResponse(ClientResponse(message: response))
  }
}
