import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import Testing

/// What is retried between the suite's services, and what never is.
@Suite(.timeLimit(.minutes(1))) struct ServiceConfigTests {
  /// Counts the calls of each method and is never available.
  private final class Unavailable: RegistrableRPCService {
    let calls = Mutex<[String: Int]>([:])

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      for method in ServiceConfigTests.methods {
        router.registerHandler(
          forMethod: method, deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(),
          serializer: ProtobufSerializer<Google_Protobuf_Empty>()
        ) { [self] _, _ in
          calls.withLock { $0[method.fullyQualifiedMethod, default: 0] += 1 }
          throw RPCError(code: .unavailable, message: "")
        }
      }
    }
  }

  /// Every method of the suite's own services.
  private static let methods =
    Temporis_Token_V1_AccountService.Method.descriptors + Temporis_Token_V1_AccessTokenService.Method.descriptors
    + Temporis_Token_V1_CredentialService.Method.descriptors + Temporis_Token_V1_RevocationService.Method.descriptors
    + Temporis_Verifier_V1_VerifierService.Method.descriptors
    + Temporis_Billing_V1_BillingService.Method.descriptors + Temporis_Predict_V1_DataSourceService.Method.descriptors
    + Temporis_Predict_V1_DataProfileService.Method.descriptors
    + Temporis_Predict_V1_PredictionService.Method.descriptors

  private static func call(_ method: MethodDescriptor, by client: ServiceClient) async {
    var options = CallOptions.defaults
    options.timeout = .seconds(600)
    let error = await #expect(throws: RPCError.self) {
      try await client.grpc.unary(
        request: ClientRequest(message: Google_Protobuf_Empty()), descriptor: method,
        serializer: ProtobufSerializer<Google_Protobuf_Empty>(),
        deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(), options: options
      ) { _ = try $0.message }
    }
    #expect(error?.code == .unavailable)
  }

  @Test("A method that reads is called up to four times while its service is unavailable, any other once")
  func retries() async throws {
    let service = Unavailable()
    let (endpoint, server) = try await serve(service)
    defer { server.cancel() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for method in Self.methods {
        group.addTask {
          // One for each method, as it is a client whose failures are counted.
          let (client, connections) = try connect(to: endpoint)
          defer { connections.cancel() }
          await Self.call(method, by: client)
        }
      }
      try await group.waitForAll()
    }
    let reading = ["Get", "List", "Lookup", "Verify"]
    for method in Self.methods {
      let calls = service.calls.withLock { $0[method.fullyQualifiedMethod] }
      let isReading = reading.contains { method.method.hasPrefix($0) }
      #expect(calls == (isReading ? 4 : 1), "\(method)")
    }
  }

  @Test("A service that fails call after call is spared the retries") func throttle() async throws {
    let service = Unavailable()
    let method = Temporis_Token_V1_AccountService.Method.GetAccount.descriptor
    let (endpoint, server) = try await serve(service)
    defer { server.cancel() }
    let (client, connections) = try connect(to: endpoint)
    defer { connections.cancel() }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 { group.addTask { await Self.call(method, by: client) } }
    }
    // The first fifty failures use up half of the tokens; each of them may be followed by one more call.
    let calls = try #require(service.calls.withLock { $0[method.fullyQualifiedMethod] })
    #expect((200...250).contains(calls))
  }

  @Test("What one service tried again in vain, its callers don't") func chain() async throws {
    let inner = VerifierFake { throw RPCError(code: .unavailable, message: "") }
    let (innerEndpoint, innerServer) = try await serve(inner)
    defer { innerServer.cancel() }
    let (innerClient, innerConnections) = try connect(to: innerEndpoint)
    defer { innerConnections.cancel() }
    let outer = VerifierFake { try await innerClient.verify() }
    let (endpoint, server) = try await serve(outer)
    defer { server.cancel() }
    let (client, connections) = try connect(to: endpoint)
    defer { connections.cancel() }
    let error = await #expect(throws: ServiceError.self) { try await client.verify() }
    #expect(error?.reason == .unavailable)
    #expect(outer.timeouts.count == 1)
    #expect(inner.timeouts.count == 4)
  }
}
