import GRPCCore
import GRPCNghttp2Transport
import SwiftProtobuf
import TemporisAPI

/// What a running process says of itself through gRPC reflection.
enum ReflectedServices {
  private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  /// Every service that a process has, by its full name.
  static func of(_ process: String) async throws -> [String: Google_Protobuf_ServiceDescriptorProto] {
    try await withGRPCClient(transport: try await ContractStack.transport(to: process)) { client in
      let names = try await answers(client, [.listServices("*")]).flatMap {
        $0.listServicesResponse.service.map(\.name)
      }
      let files = try await answers(client, names.map { .fileContainingSymbol($0) })
      var services: [String: Google_Protobuf_ServiceDescriptorProto] = [:]
      for (name, answer) in zip(names, files) {
        let set = try Google_Protobuf_FileDescriptorSet.with {
          $0.file = try answer.fileDescriptorResponse.fileDescriptorProto.map { try .init(serializedBytes: $0) }
        }
        services.updateValue(Schema(set).services[name] ?? .init(), forKey: name)
      }
      return services
    }
  }

  private static func answers(
    _ client: GRPCClient<Nghttp2ClientTransport>,
    _ questions: [Grpc_Reflection_V1_ServerReflectionRequest.OneOf_MessageRequest]
  ) async throws -> [Response] {
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    let reflection = Grpc_Reflection_V1_ServerReflection.Client(wrapping: client)
    return try await reflection.serverReflectionInfo(options: options) { writer in
      for question in questions { try await writer.write(.with { $0.messageRequest = question }) }
    } onResponse: { response in
      var answers: [Response] = []
      for try await answer in response.messages { answers.append(answer) }
      return answers
    }
  }
}
