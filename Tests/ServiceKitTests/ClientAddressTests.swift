import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import Logging
import ServiceKit
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ClientAddressTests {
  @Test(
    "An IPv4 address is a client, and so is an IPv6 network of 64 bits",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
      ("2001:db8:1:2::1", "2001:0DB8:0001:0002::"),
    ])
  func sameClient(one: String, other: String) throws {
    #expect(try #require(ClientAddress(one)) == #require(ClientAddress(other)))
  }

  @Test(
    "Other addresses are other clients",
    arguments: [
      ("192.0.2.1", "192.0.2.2"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
      ("0.0.0.1", "::1"),
    ])
  func otherClient(one: String, other: String) throws {
    #expect(try #require(ClientAddress(one)) != #require(ClientAddress(other)))
  }

  @Test(
    "Anything else is no address",
    arguments: [
      "", "localhost", "192.0.2", "192.0.2.1:80", "192.0.2.256", "[::1]", "1::2::3", " 192.0.2.1", "192.0.2.1%eth0",
      "fe80::1%eth0", "192.0.2.1\0", String(repeating: "1", count: 100_000),
    ])
  func noAddress(text: String) {
    #expect(ClientAddress(text) == nil)
  }

  @Test("The gateway is believed, and who hands on its word, anyone is where callers have no identity, and nobody else")
  func belief() {
    let metadata: Metadata = [ClientAddress.metadataKey: "192.0.2.1"]
    let address = ClientAddress("192.0.2.1")
    #expect(ClientAddress(metadata, sentBy: nil) == address)
    for workload in ["api-gateway", "predict-service"] {
      #expect(ClientAddress(metadata, sentBy: "spiffe://temporis.internal/\(workload)") == address)
    }
    for identity in [
      "spiffe://temporis.internal/temporis", "spiffe://temporis.internal/client",
      "spiffe://temporis.internal/token-service", "spiffe://temporis.internal/api-gateway-2", "api-gateway", "",
    ] {
      #expect(ClientAddress(metadata, sentBy: identity) == nil)
    }
    #expect(ClientAddress([:], sentBy: nil) == nil)
    let twice: Metadata = [ClientAddress.metadataKey: "192.0.2.1", ClientAddress.metadataKey: "192.0.2.2"]
    #expect(ClientAddress(twice, sentBy: nil) == nil)
  }

  @Test(
    "An address travels as text that is the same network at its end",
    arguments: ["192.0.2.1", "2001:db8:1:2:3:4:5:6", "::1", "fe80::1"])
  func text(address: String) throws {
    let client = try #require(ClientAddress(address))
    #expect(ClientAddress(client.text) == client)
  }

  private struct Handler: RegistrableRPCService {
    static let method = MethodDescriptor(fullyQualifiedService: "test.Client", method: "Check")
    let expected: ClientAddress?

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: Self.method, deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(),
        serializer: ProtobufSerializer<Google_Protobuf_Empty>()
      ) { _, _ in
        guard ClientAddress.current == expected else { throw ServiceError(.invalidArgument) }
        return StreamingServerResponse { writer in
          try await writer.write(Google_Protobuf_Empty())
          return [:]
        }
      }
    }
  }

  @Test("A handler runs with the address that came with the call", arguments: ["192.0.2.1", "no address", nil])
  func handler(text: String?) async throws {
    let standard = StandardServices(
      health: .alwaysServing, servesReflection: false, logger: .silent)
    let transport = InProcessTransport()
    let server = GRPCServer(
      transport: transport.server,
      router: try standard.router(with: [Handler(expected: text.flatMap { ClientAddress($0) })]))
    var metadata: Metadata = [:]
    if let text { metadata.addString(text, forKey: ClientAddress.metadataKey) }
    let request = ClientRequest(message: Google_Protobuf_Empty(), metadata: metadata)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      defer { server.beginGracefulShutdown() }
      try await withGRPCClient(transport: transport.client) { client in
        _ = try await client.unary(
          request: request, descriptor: Handler.method, serializer: ProtobufSerializer<Google_Protobuf_Empty>(),
          deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(), options: .defaults
        ) { try $0.message }
      }
    }
  }
}
