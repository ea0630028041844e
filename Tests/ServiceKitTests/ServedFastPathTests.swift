import CoreMetrics
import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import HTTP2TestSupport
import Logging
import ServiceKit
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

/// A fast path on a real server with mutual TLS, put there as a process of the suite does.
@Suite(.timeLimit(.minutes(1))) struct ServedFastPathTests {
  private typealias Empty = Google_Protobuf_Empty

  private static let method = MethodDescriptor(fullyQualifiedService: "test.Guarded", method: "Ask")

  /// What this process counts: interceptors know no other place. No other test calls ``method``.
  private static let registry: PrometheusRegistry = {
    let registry = PrometheusRegistry()
    MetricsSystem.bootstrap(registry)
    return registry
  }()

  /// Counts its calls, and those that the fast path was asked about before.
  private final class Handler: RegistrableRPCService {
    let calls = Mutex(0)
    let asked = Mutex(0)

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: ServedFastPathTests.method, deserializer: ProtobufDeserializer<Empty>(),
        serializer: ProtobufSerializer<Empty>()
      ) { [self] _, _ in
        calls.withLock { $0 += 1 }
        return StreamingServerResponse { writer in
          try await writer.write(Empty())
          return [:]
        }
      }
    }
  }

  private let handler = Handler()
  private let logger = Logger.silent

  /// Runs the server; it stops with the task that is returned.
  private func serve(_ authority: TestAuthority, _ fastPath: FastPath) async throws -> (
    endpoint: SocketEndpoint, task: Task<Void, any Error>
  ) {
    let rules = CallerRules([Self.method: [.authVerifier]])
    let transport = Nghttp2ServerTransport(
      listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"),
      security: .server(as: try authority.identity(of: "token-service")),
      fastPaths: [fastPath.admitting(rules).observed(logger: logger, factory: Self.registry)], logger: logger)
    let standard = StandardServices(health: .alwaysServing, servesReflection: false, logger: logger)
    let server = GRPCServer(
      transport: transport, router: try standard.router(with: [handler], callers: rules))
    let task = Task { try await server.serve() }
    return (try await transport.boundEndpoint, task)
  }

  private func call(_ endpoint: SocketEndpoint, as workload: String, _ authority: TestAuthority) async throws {
    let transport = try Nghttp2ClientTransport(
      endpoints: [endpoint], security: .client(of: .tokenService, as: authority.identity(of: workload)))
    try await withGRPCClient(transport: transport) { grpc in
      try await grpc.unary(
        request: ClientRequest(message: Empty()), descriptor: Self.method, serializer: ProtobufSerializer<Empty>(),
        deserializer: ProtobufDeserializer<Empty>(), options: .defaults
      ) { _ = try $0.message }
    }
  }

  /// What was counted under a name for the method.
  private func value(_ name: String, code: String? = nil) -> Double? {
    let labels = #"{method="test.Guarded/Ask""# + (code.map { #",code="\#($0)""# } ?? "") + "} "
    let line = Self.registry.text().split(separator: "\n").first { $0.hasPrefix(name + labels) }
    return line.flatMap { Double($0.dropFirst(name.count + labels.count)) }
  }

  @Test("It answers the workload that is listed, any other is denied, and each of their calls is counted once")
  func admittedAndDenied() async throws {
    let authority = try TestAuthority()
    let fastPath = FastPath(method: Self.method) { [handler] _, _ in
      handler.asked.withLock { $0 += 1 }
      return .reply([])
    }
    let (endpoint, server) = try await serve(authority, fastPath)
    defer { server.cancel() }

    try await call(endpoint, as: "auth-verifier", authority)
    #expect(handler.asked.withLock { $0 } == 1)
    #expect(value("grpc_server_handled_total", code: "ok") == 1)
    #expect(value("grpc_server_handling_seconds_count") == 1)
    let duration = try #require(value("grpc_server_handling_seconds_sum"))
    #expect(duration > 0)

    let error = await #expect(throws: RPCError.self) { try await call(endpoint, as: "client", authority) }
    #expect(error?.code == .permissionDenied)
    #expect(handler.asked.withLock { $0 } == 1)
    #expect(value("grpc_server_handled_total", code: "permissionDenied") == 1)
    #expect(value("grpc_server_handled_total", code: "ok") == 1)
    #expect(value("grpc_server_handling_seconds_count") == 2)
    #expect(try #require(value("grpc_server_handling_seconds_sum")) > duration)
    #expect(handler.calls.withLock { $0 } == 0)
  }
}
