public import GRPCCore
public import GRPCProtobuf
public import SwiftProtobuf

/// `benchmark.Echo` of ../../CPlusPlus/echo.proto: one unary method that sends its message back.
public struct EchoService: RegistrableRPCService {
  /// The method's descriptor; its path is `/benchmark.Echo/Unary`.
  public static let unary = MethodDescriptor(fullyQualifiedService: "benchmark.Echo", method: "Unary")

  /// Creates the service.
  public init() {}

  @inlinable public func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Self.unary,
      deserializer: ProtobufDeserializer<Google_Protobuf_StringValue>(),
      serializer: ProtobufSerializer<Google_Protobuf_StringValue>()
    ) { request, _ in
      let single = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: single.message))
    }
  }
}
