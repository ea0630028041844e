import GRPCCore
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import Testing
import TokenDomain
import VerifierServer

@Suite struct RemoteCredentialSourceTests {
  private let hash = SecretHash(Secret(kind: .accessToken))

  /// An answer's credential that makes sense.
  private let whole = Temporis_Token_V1_Credential.with {
    $0.accountID = "acct_1"
    $0.credentialID = "tok_1"
    $0.kind = .accessToken
    $0.state = .active
  }

  private func look(
    _ hashes: [SecretHash], at service: FakeTokenService, for requestID: String? = nil
  ) throws -> [Result<CredentialLookup, any Error>] {
    let answers = Mutex<[[Result<CredentialLookup, any Error>]]>([])
    RemoteCredentialSource(caller: service, timeout: .seconds(2)).lookUp(hashes, for: requestID) { found in
      answers.withLock { $0.append(found) }
    }
    let answered = answers.withLock(\.self)
    #expect(answered.count == 1)
    let found = try #require(answered.first)
    #expect(found.count == hashes.count)
    return found
  }

  private func look(_ service: FakeTokenService) throws -> CredentialLookup {
    try #require(try look([hash], at: service).first).get()
  }

  @Test("The hash is sent, never the secret, with the request's id, and no longer than the timeout is waited")
  func request() throws {
    let service = try FakeTokenService(nil)
    let found = try look([hash], at: service, for: "request-1")
    #expect(try found.first?.get() == CredentialLookup(nil, readAt: LogPosition(revision: 7, tag: 9)))
    let question = try #require(service.asked.first)
    #expect(question.method.fullyQualifiedMethod == "temporis.token.v1.CredentialService/LookupCredentials")
    #expect(question.request.secretSha256.map { Array($0) } == [hash.bytes])
    #expect(Array(question.metadata[stringValues: RequestID.name]) == ["request-1"])
    #expect(question.timeout == .seconds(2))
  }

  @Test("An answer becomes a credential")
  func answer() throws {
    var credential = Temporis_Token_V1_Credential()
    credential.kind = .dashboardSession
    credential.accountID = "acct_1"
    credential.credentialID = "ses_1"
    credential.permissions = [.predict, .UNRECOGNIZED(9)]
    credential.remainingLifetime.seconds = 1
    credential.remainingLifetime.nanos = 500_000_000
    for (message, state) in [(.active, .active), (.stopped, .stopped)]
      as [(Temporis_Token_V1_CredentialState, Credential.State)]
    {
      credential.state = message
      let expected = Credential(
        Principal(accountID: "acct_1", credentialID: "ses_1", kind: .dashboardSession, permissions: [.predict]),
        state: state, remainingLifetime: .milliseconds(1_500))
      #expect(
        try look(FakeTokenService(credential))
          == CredentialLookup(expected, readAt: LogPosition(revision: 7, tag: 9)))
    }
  }

  @Test("An answer that makes no sense is a fault")
  func nonsense() throws {
    _ = try look(FakeTokenService(whole))
    var (kind, account, id, state) = (whole, whole, whole, whole)
    kind.kind = .unspecified
    account.accountID = ""
    id.credentialID = ""
    state.state = .UNRECOGNIZED(7)
    for credential in [Temporis_Token_V1_Credential(), kind, account, id, state] {
      let error = #expect(throws: ServiceError.self) { try look(FakeTokenService(credential)) }
      #expect(error?.reason == .unavailable)
    }
  }

  @Test("One of several that makes no sense is a fault of its own, and any other number of answers is one of all")
  func several() throws {
    let hashes = (0..<3).map { _ in SecretHash(Secret(kind: .accessToken)) }
    let service = try FakeTokenService(nil, Temporis_Token_V1_Credential(), whole)
    let found = try look(hashes, at: service)
    #expect(service.asked.first?.request.secretSha256.map { Array($0) } == hashes.map(\.bytes))
    #expect(try found[0].get().credential == nil)
    #expect(throws: ServiceError.self) { try found[1].get() }
    #expect(try found[2].get().credential?.principal.credentialID == "tok_1")
    for count in [2, 4] {
      let others = (0..<count).map { _ in SecretHash(Secret(kind: .accessToken)) }
      for result in try look(others, at: service) {
        let error = #expect(throws: ServiceError.self) { try result.get() }
        #expect(error?.reason == .unavailable)
      }
    }
  }

  @Test("An answer without a place in the log can't be judged, and is a fault")
  func noPosition() throws {
    let error = #expect(throws: ServiceError.self) { try look(FakeTokenService(nil, position: nil)) }
    #expect(error?.reason == .unavailable)
  }

  @Test(
    "Whatever status the token service answers, the fault is UNAVAILABLE",
    arguments: [
      RPCError.Code.unavailable, .deadlineExceeded, .notFound, .unauthenticated, .permissionDenied, .internalError,
      .unknown, .cancelled, .invalidArgument,
    ])
  func faults(code: RPCError.Code) throws {
    let service = FakeTokenService(.failure(RPCError(code: code, message: "")))
    let error = #expect(throws: ServiceError.self) { try look(service) }
    #expect(error?.reason == .unavailable)
    #expect(error?.isRetried == true)
  }

  @Test("An answer that is no message is a fault")
  func noMessage() throws {
    let error = #expect(throws: ServiceError.self) { try look(FakeTokenService(.success([0xFF]))) }
    #expect(error?.reason == .unavailable)
  }
}
