import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import Logging
import ServiceKit
import ServiceLifecycleTestKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing

/// What becomes of a process's open calls when it is told to stop.
@Suite(.timeLimit(.minutes(1))) struct DrainTests {
  private typealias Empty = Google_Protobuf_Empty
  private typealias Health = Grpc_Health_V1_Health
  private typealias Reflection = Grpc_Reflection_V1_ServerReflection
  private typealias Client = GRPCClient<Nghttp2ClientTransport>

  private static let method = MethodDescriptor(fullyQualifiedService: "test.Slow", method: "Ask")

  /// Something that happens once.
  private struct Event {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
      (stream, continuation) = AsyncStream.makeStream()
    }

    func happen() { continuation.finish() }

    func wait() async { for await _ in stream {} }
  }

  /// Answers when it may.
  private struct SlowService: RegistrableRPCService {
    let started = Event()
    let mayAnswer = Event()

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: DrainTests.method, deserializer: ProtobufDeserializer<Empty>(),
        serializer: ProtobufSerializer<Empty>()
      ) { _, _ in
        started.happen()
        await mayAnswer.wait()
        try Task.checkCancellation()
        return StreamingServerResponse { writer in
          try await writer.write(Empty())
          return [:]
        }
      }
    }
  }

  @Test("Calls that would go on for ever end as UNAVAILABLE at once, and a slow call is answered after them")
  func stop() async throws {
    let logger = Logger.silent
    let transport = Nghttp2ServerTransport(listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"), logger: logger)
    let health = HealthMonitor.alwaysServing
    let slow = SlowService()
    let server = GRPCServer(
      transport: transport,
      router: try StandardServices(health: health, servesReflection: true, logger: logger).router(with: [slow]))
    let service = ServerService(server: server, health: health, logger: logger)
    try await testGracefulShutdown { trigger in
      async let run: Void = service.run()
      let endpoint = try await transport.boundEndpoint
      try await withGRPCClient(transport: try Nghttp2ClientTransport(endpoints: [endpoint])) { client in
        async let answer: Void = Self.ask(client)
        await slow.started.wait()
        let watches = Event()
        let reflects = Event()
        async let watched = Self.watch(client, watches)
        async let reflected = Self.reflect(client, reflects)
        await watches.wait()
        await reflects.wait()
        trigger.triggerGracefulShutdown()
        let (statuses, watchError) = await watched
        #expect(statuses == [.serving, .notServing])
        #expect(watchError?.code == .unavailable)
        #expect(watchError?.message == "The server is shutting down.")
        #expect(await reflected?.code == .unavailable)
        slow.mayAnswer.happen()
        try await answer
      }
      try await run
    }
  }

  private static func ask(_ client: Client) async throws {
    try await client.unary(
      request: ClientRequest(message: Empty()), descriptor: method, serializer: ProtobufSerializer<Empty>(),
      deserializer: ProtobufDeserializer<Empty>(), options: .defaults
    ) { _ = try $0.message }
  }

  /// Watches until that ends; the event is the first answer.
  private static func watch(
    _ client: Client, _ watches: Event
  ) async -> ([Grpc_Health_V1_HealthCheckResponse.ServingStatus], RPCError?) {
    let seen = Mutex<[Grpc_Health_V1_HealthCheckResponse.ServingStatus]>([])
    do {
      try await Health.Client(wrapping: client).watch(.init()) { response in
        for try await answer in response.messages {
          seen.withLock { $0.append(answer.status) }
          watches.happen()
        }
      }
      return (seen.withLock { $0 }, nil)
    } catch {
      return (seen.withLock { $0 }, error as? RPCError)
    }
  }

  /// Asks once, and says nothing more; the event is the answer.
  private static func reflect(_ client: Client, _ reflects: Event) async -> RPCError? {
    do {
      try await Reflection.Client(wrapping: client).serverReflectionInfo { writer in
        try await writer.write(.with { $0.listServices = "" })
        try await Task.sleep(for: .seconds(3_600))
      } onResponse: { response in
        for try await _ in response.messages { reflects.happen() }
      }
      return nil
    } catch {
      return error as? RPCError
    }
  }
}
