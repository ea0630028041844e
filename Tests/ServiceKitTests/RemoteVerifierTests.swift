import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import Logging
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing
import TokenDomain

/// The client of the auth-verifier, over real sockets: nothing but a verdict in so many words is one.
@Suite(.timeLimit(.minutes(1))) struct RemoteVerifierTests {
  private typealias Response = Temporis_Verifier_V1_VerifyResponse

  /// Answers always the same, and remembers what it was asked.
  private final class FixedService: RegistrableRPCService {
    let asked = Mutex<[Temporis_Verifier_V1_VerifyRequest]>([])
    let clients = Mutex<[ClientAddress?]>([])
    private let answer: @Sendable () async throws -> Response

    init(_ answer: @escaping @Sendable () async throws -> Response) { self.answer = answer }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor,
        deserializer: ProtobufDeserializer<Temporis_Verifier_V1_VerifyRequest>(),
        serializer: ProtobufSerializer<Response>()
      ) { [self] request, _ in
        clients.withLock { $0.append(ClientAddress(request.metadata, sentBy: nil)) }
        for try await message in request.messages { asked.withLock { $0.append(message) } }
        return StreamingServerResponse(single: ServerResponse(message: try await answer()))
      }
    }
  }

  private func verify(
    timeout: Duration = .seconds(20), service: FixedService, permission: Permission? = .predict
  ) async throws -> Verdict {
    let logger = Logger.silent
    let transport = Nghttp2ServerTransport(listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"), logger: logger)
    return try await withGRPCServer(transport: transport, services: [service]) { server in
      let client = try ServiceClient(endpoints: [try await server.transport.boundEndpoint])
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { client.grpc.beginGracefulShutdown() }
        return try await RemoteVerifier(client: client, timeout: timeout).verify(
          authorization: "Bearer x", permission: permission)
      }
    }
  }

  private static func response(_ verdict: Temporis_Verifier_V1_Verdict, account: String = "acct_1") -> Response {
    .with {
      $0.verdict = verdict
      $0.principal = .with {
        $0.accountID = account
        $0.credentialID = "tok_1"
        $0.kind = .accessToken
        $0.permissions = [.predict, .UNRECOGNIZED(9)]
      }
    }
  }

  private let principal = Principal(
    accountID: "acct_1", credentialID: "tok_1", kind: .accessToken, permissions: [.predict])

  @Test("The whole header and the permission are asked about, and each verdict is what it says") func verdicts()
    async throws
  {
    let expected: [(Temporis_Verifier_V1_Verdict, Verdict)] = [
      (.valid, .valid(principal)), (.missing, .missing), (.invalid, .invalid),
      (.permissionDenied, .permissionDenied(principal)),
    ]
    for (verdict, expected) in expected {
      let service = FixedService { Self.response(verdict) }
      #expect(try await verify(service: service) == expected)
      let request = try #require(service.asked.withLock { $0.first })
      #expect(request.authorization == "Bearer x")
      #expect(request.requiredPermission == .predict)
    }
  }

  private static let faults: [(String, @Sendable () async throws -> Response)] = [
    ("UNAUTHENTICATED", { throw RPCError(code: .unauthenticated, message: "") }),
    ("PERMISSION_DENIED", { throw RPCError(code: .permissionDenied, message: "") }),
    ("a reason of ours", { throw ServiceError(.accessTokenInvalid) }),
    ("no verdict", { Response() }),
    ("an unspecified verdict", { response(.unspecified) }),
    ("a verdict of another version", { response(.UNRECOGNIZED(99)) }),
    ("nobody", { response(.valid, account: "") }),
    ("nobody who may not", { response(.permissionDenied, account: "") }),
    (
      "a principal of no kind",
      {
        var answer = response(.valid)
        answer.principal.kind = .unspecified
        return answer
      }
    ),
  ]

  @Test("Whatever else the verifier answers is a fault, never a verdict", arguments: faults.indices)
  func fault(_ index: Int) async throws {
    let (name, answer) = Self.faults[index]
    let error = await #expect(throws: ServiceError.self, "\(name)") {
      try await verify(service: FixedService(answer))
    }
    #expect(error?.reason == .unavailable, "\(name)")
  }

  @Test("A client that has tried too many tokens is told so, and how long to wait") func rateLimit() async throws {
    let service = FixedService { throw ServiceError(.rateLimited, retryAfter: .seconds(7)) }
    let error = await #expect(throws: ServiceError.self) { try await verify(service: service) }
    #expect(error?.reason == .rateLimited)
    #expect(error?.retryAfter == .seconds(7))
    #expect(service.asked.withLock(\.count) == 1)
  }

  @Test("The verifier is told for which client it is asked", arguments: [nil, "192.0.2.1", "2001:db8:0:7::"])
  func client(address: String?) async throws {
    let service = FixedService { Self.response(.missing) }
    let client = address.flatMap { ClientAddress($0) }
    _ = try await ClientAddress.$current.withValue(client) { try await verify(service: service) }
    #expect(service.clients.withLock(\.self) == [client])
  }

  @Test("A verifier that does not answer in time is a fault") func timeout() async throws {
    let service = FixedService {
      try await Task.sleep(for: .seconds(3_600))
      return Self.response(.valid)
    }
    let error = await #expect(throws: ServiceError.self) {
      try await verify(timeout: .milliseconds(100), service: service)
    }
    #expect(error?.reason == .unavailable)
  }
}
