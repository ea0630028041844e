import GRPCCore
import GRPCInProcessTransport
import GRPCNghttp2Transport
import GRPCProtobuf
import HTTP2TestSupport
import Logging
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing
import TokenDomain

/// Who may call what, by the certificate of the connection.
@Suite(.timeLimit(.minutes(1))) struct CallerInterceptorTests {
  private typealias Verifier = Temporis_Verifier_V1_VerifierService
  private typealias Health = Grpc_Health_V1_Health

  /// Counts its calls.
  private final class Handlers: Temporis_Verifier_V1_VerifierService.SimpleServiceProtocol {
    let calls = Mutex(0)

    func verify(
      request: Temporis_Verifier_V1_VerifyRequest, context: ServerContext
    ) async throws -> Temporis_Verifier_V1_VerifyResponse {
      calls.withLock { $0 += 1 }
      return .with { $0.verdict = .valid }
    }
  }

  private let handlers = Handlers()
  private let rules = CallerRules([Verifier.Method.Verify.descriptor: [.authVerifier]])
  private let logger = Logger.silent

  /// A router of a service that one workload alone may call.
  private func router<Transport: ServerTransport>() throws -> RPCRouter<Transport> {
    return try StandardServices(health: .alwaysServing, servesReflection: true, logger: logger)
      .router(with: [handlers], callers: rules)
  }

  /// Runs a server that has an identity; it stops with the task that is returned.
  private func serve(_ authority: TestAuthority) async throws -> (endpoint: SocketEndpoint, task: Task<Void, any Error>)
  {
    let transport = Nghttp2ServerTransport(
      listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"),
      security: .server(as: try authority.identity(of: "token-service")), logger: logger)
    let server = GRPCServer(transport: transport, router: try router())
    let task = Task { try await server.serve() }
    return (try await transport.boundEndpoint, task)
  }

  /// A client of such a server.
  private func client(
    of endpoint: SocketEndpoint, as workload: String, _ authority: TestAuthority
  ) throws -> Nghttp2ClientTransport {
    let identity = try authority.identity(of: workload)
    return try Nghttp2ClientTransport(endpoints: [endpoint], security: .client(of: .tokenService, as: identity))
  }

  private func denial(_ body: () async throws -> Void) async -> ServiceError? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? RPCError).flatMap { ServiceError($0) }
    }
  }

  @Test("The workload that is listed reaches the handler") func admitted() async throws {
    let authority = try TestAuthority()
    let (endpoint, server) = try await serve(authority)
    defer { server.cancel() }
    try await withGRPCClient(transport: client(of: endpoint, as: "auth-verifier", authority)) { grpc in
      let verdict = try await Verifier.Client(wrapping: grpc).verify(.init()).verdict
      #expect(verdict == .valid)
    }
    #expect(handlers.calls.withLock { $0 } == 1)
  }

  @Test(
    "Any other is denied by name before the handler, and may still ask for health and reflection",
    arguments: ["api-gateway", "predict-service", "client", "token-service", "auth-verifier-2"])
  func denied(_ workload: String) async throws {
    let authority = try TestAuthority()
    let (endpoint, server) = try await serve(authority)
    defer { server.cancel() }
    let transport = try client(of: endpoint, as: workload, authority)
    let error = try await withGRPCClient(transport: transport) { grpc in
      let status = try await Health.Client(wrapping: grpc).check(.init()).status
      #expect(status == .serving)
      let names = try await Grpc_Reflection_V1_ServerReflection.Client(wrapping: grpc).serverReflectionInfo { writer in
        try await writer.write(.with { $0.listServices = "" })
      } onResponse: { response in
        try await response.messages.reduce(0) { $0 + $1.listServicesResponse.service.count }
      }
      #expect(names == 4)
      return await denial { _ = try await Verifier.Client(wrapping: grpc).verify(.init()) }
    }
    #expect(error?.reason == .permissionDenied)
    #expect(
      error?.message
        == "spiffe://temporis.test/\(workload) may not call temporis.verifier.v1.VerifierService/Verify.")
    #expect(handlers.calls.withLock { $0 } == 0)
  }

  @Test("Who has no identity is denied") func anonymous() async throws {
    let transport = InProcessTransport()
    let server = GRPCServer(transport: transport.server, router: try router())
    let error = await denial {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.serve() }
        defer { server.beginGracefulShutdown() }
        try await withGRPCClient(transport: transport.client) { grpc in
          _ = try await Verifier.Client(wrapping: grpc).verify(.init())
        }
      }
    }
    #expect(error?.reason == .permissionDenied)
    #expect(handlers.calls.withLock { $0 } == 0)
  }

  @Test("A fast path answers those that are admitted, and lets the others fall through to be denied")
  func fastPath() {
    let method = Verifier.Method.Verify.descriptor
    let fastPath = FastPath(method: method) { _, _ in .reply([1]) }
    let admitting = fastPath.admitting(rules)
    #expect(answers(admitting, to: "spiffe://temporis.test/auth-verifier"))
    #expect(!answers(admitting, to: "spiffe://temporis.test/client"))
    #expect(!answers(admitting, to: "auth-verifier"))
    #expect(!answers(admitting, to: nil))
    #expect(answers(fastPath.admitting(CallerRules([:])), to: nil))
  }

  @Test("A fast path answers nothing where a credential is needed, as it would look at none")
  func fastPathWithoutCredential() {
    struct Nobody: AuthorizationVerifier {
      func verify(authorization: String, permission: Permission?) async throws -> Verdict { .invalid }
    }
    let method = Verifier.Method.Verify.descriptor
    let fastPath = FastPath(method: method) { _, _ in .reply([1]) }
    func authentication(_ access: MethodAccess?) -> AuthenticationInterceptor {
      AuthenticationInterceptor(verifier: Nobody(), access: access.map { [method: $0] } ?? [:])
    }
    #expect(answers(fastPath.authenticated(by: nil), to: nil))
    #expect(answers(fastPath.authenticated(by: authentication(.open)), to: nil))
    for access in [nil, .dashboardSession, .permission(.predict)] as [MethodAccess?] {
      #expect(!answers(fastPath.authenticated(by: authentication(access)), to: nil))
    }
  }

  private func answers(_ fastPath: FastPath, to identity: String?) -> Bool {
    let peer = ConnectionPeer(remote: "", local: "", identity: identity)
    let message: [UInt8] = []
    if case .reply = fastPath.handler(message.span.bytes, FastPathContext(peer: peer)) {
      return true
    } else {
      return false
    }
  }

  /// What asks a server as somebody.
  private func probe(
    _ endpoint: SocketEndpoint, service: Workload, as workload: String?, _ authority: TestAuthority
  ) throws -> any HealthProbe {
    let identity = try workload.map { try authority.identity(of: $0) }
    return GRPCHealthProbe(endpoint: endpoint, timeout: .seconds(5), service: service, identity: identity)
  }

  @Test(
    "A probe finds a process healthy as who has an identity of its CA, and expects the right one of it",
    arguments: [
      (.tokenService, "token-service", true), (.tokenService, "client", true), (.tokenService, nil, false),
      (.predictService, "token-service", false),
    ] as [(Workload, String?, Bool)])
  func probe(service: Workload, as workload: String?, finds: Bool) async throws {
    let authority = try TestAuthority()
    let (endpoint, server) = try await serve(authority)
    defer { server.cancel() }
    let probe = try probe(endpoint, service: service, as: workload, authority)
    let isServing = await probe.isServing()
    #expect(isServing == finds)
  }

  @Test("A probe of another CA finds nobody") func strangeProbe() async throws {
    let (endpoint, server) = try await serve(TestAuthority())
    defer { server.cancel() }
    let probe = try probe(endpoint, service: .tokenService, as: "token-service", TestAuthority())
    let isServing = await probe.isServing()
    #expect(!isServing)
  }
}
