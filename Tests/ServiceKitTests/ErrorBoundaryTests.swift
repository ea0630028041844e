import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import InMemoryLogging
import Logging
import ServiceKit
import SwiftProtobuf
import Testing

/// What callers and the log learn of the errors that handlers throw, before a response and while it streams.
@Suite struct ErrorBoundaryTests {
  private struct StoreError: ServiceErrorConvertible, CustomStringConvertible {
    let description = "the disk is full"
    var serviceError: any Error { ServiceError(.unavailable, cause: self) }
  }

  private struct QuotingError: Error, CustomStringConvertible {
    let description = "could not read ts_secret"
  }

  private struct Handler: RegistrableRPCService {
    static let method = MethodDescriptor(fullyQualifiedService: "test.Boundary", method: "Fail")
    let error: any Error
    let isStreaming: Bool

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: Self.method, deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(),
        serializer: ProtobufSerializer<Google_Protobuf_Empty>()
      ) { _, _ in
        guard isStreaming else { throw error }
        return StreamingServerResponse { _ in throw error }
      }
    }
  }

  /// What a caller of a handler that throws `error` receives, and what is logged.
  private func fail(
    with error: any Error, isStreaming: Bool, metadata: Metadata = [:]
  ) async throws -> (received: RPCError?, log: [InMemoryLogHandler.Entry]) {
    let handler = InMemoryLogHandler()
    let standard = StandardServices(
      health: .alwaysServing, servesReflection: false, logger: Logger(label: "test") { _ in handler })
    let transport = InProcessTransport()
    let server = GRPCServer(
      transport: transport.server,
      router: try standard.router(with: [Handler(error: error, isStreaming: isStreaming)]))
    let received = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      defer { server.beginGracefulShutdown() }
      return try await withGRPCClient(transport: transport.client) { client in
        await #expect(throws: RPCError.self) {
          try await client.unary(
            request: ClientRequest(message: Google_Protobuf_Empty(), metadata: metadata), descriptor: Handler.method,
            serializer: ProtobufSerializer<Google_Protobuf_Empty>(),
            deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(), options: .defaults
          ) { try $0.message }
        }
      }
    }
    return (received, handler.entries)
  }

  @Test("An error with a form for callers takes it, and the log has its cause", arguments: [false, true])
  func convertible(isStreaming: Bool) async throws {
    let (received, log) = try await fail(with: StoreError(), isStreaming: isStreaming)
    #expect(received.flatMap(ServiceError.init) == ServiceError(.unavailable))
    #expect(log.contains { "\($0.metadata)".contains("caused by the disk is full") })
  }

  @Test(
    "An error that nobody foresaw is INTERNAL, and what it quotes is in no answer and no log", arguments: [false, true])
  func unforeseen(isStreaming: Bool) async throws {
    let (received, log) = try await fail(with: QuotingError(), isStreaming: isStreaming)
    #expect(received?.code == .internalError)
    #expect(received?.message == "The service failed.")
    #expect(log.contains { "\($0.metadata)".contains("unforeseen QuotingError") })
    #expect(!"\(log)".contains("ts_secret"))
  }

  @Test(
    "The log says which client asked too much, and of no other failure who asked",
    arguments: [("192.0.2.7", "192.0.2.7"), ("2001:db8:0:7::1", "2001:db8:0:7::")], [false, true])
  func client(_ addresses: (sent: String, logged: String), isStreaming: Bool) async throws {
    let metadata: Metadata = [
      ClientAddress.metadataKey: .string(addresses.sent), "authorization": "Bearer ts_secret",
    ]
    let limited = try await fail(with: ServiceError(.rateLimited), isStreaming: isStreaming, metadata: metadata).log
    #expect(limited.compactMap { $0.metadata["client"]?.description } == [addresses.logged])
    #expect(limited.allSatisfy { !"\($0.metadata)".contains("ts_secret") })
    let failed = try await fail(with: ServiceError(.unavailable), isStreaming: isStreaming, metadata: metadata).log
    #expect(!failed.isEmpty && failed.allSatisfy { $0.metadata["client"] == nil })
    let unknown = try await fail(with: ServiceError(.rateLimited), isStreaming: isStreaming).log
    #expect(!unknown.isEmpty && unknown.allSatisfy { $0.metadata["client"] == nil })
  }

  @Test("A cancelled handler is CANCELLED and no fault, and refusals pass as they are", arguments: [false, true])
  func passing(isStreaming: Bool) async throws {
    let (cancelled, log) = try await fail(with: CancellationError(), isStreaming: isStreaming)
    #expect(cancelled?.code == .cancelled)
    #expect(!log.contains { $0.level >= .warning })
    let refusal = ServiceError(.dataSourceArchived)
    #expect(try await fail(with: refusal, isStreaming: isStreaming).received.flatMap(ServiceError.init) == refusal)
    let status = RPCError(code: .dataLoss, message: "lost")
    #expect(try await fail(with: status, isStreaming: isStreaming).received?.code == .dataLoss)
  }
}
