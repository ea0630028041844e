import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import TemporisAPI

/// The gRPC server reflection protocol over the generated descriptor set. A conversation ends with UNAVAILABLE when the
/// server shuts down.
///
/// It is served under its present name and under `v1alpha`, which older tools ask for. The messages of the two packages
/// are the same on the wire (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md).
struct ReflectionService: Grpc_Reflection_V1_ServerReflection.SimpleServiceProtocol {
  private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  /// The names under which it is served.
  static let names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

  let index: DescriptorIndex
  let serviceNames: [String]

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for name in Self.names {
      var method = Grpc_Reflection_V1_ServerReflection.Method.ServerReflectionInfo.descriptor
      method.service = ServiceDescriptor(fullyQualifiedService: name)
      router.registerHandler(
        forMethod: method, deserializer: ProtobufDeserializer<Request>(), serializer: ProtobufSerializer<Response>()
      ) { request, context in
        try await serverReflectionInfo(request: request, context: context)
      }
    }
  }

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1_ServerReflectionResponse>,
    context: ServerContext
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for try await question in request { try await response.write(reply(to: question)) }
      }
      group.addTask {
        // Throws when the conversation is over first.
        try await context.cancellation.cancelled
        throw RPCError.shutdownOrCancellation
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private func reply(to question: Request) -> Response {
    .with {
      $0.validHost = question.host
      $0.originalRequest = question
      $0.messageResponse = answer(question)
    }
  }

  private func answer(_ question: Request) -> Response.OneOf_MessageResponse {
    switch question.messageRequest {
    case .fileByFilename(let name):
      return file { try index.file(named: name) }
    case .fileContainingSymbol(let symbol):
      return file { try index.file(declaring: symbol) }
    case .listServices:
      return .listServicesResponse(.with { $0.service = serviceNames.map { name in .with { $0.name = name } } })
    case .allExtensionNumbersOfType, .fileContainingExtension:
      return error(.notFound, "The contracts declare no extensions.")
    case nil:
      return error(.invalidArgument, "The request asks nothing.")
    }
  }

  private func file(_ find: () throws -> [some Collection<UInt8>]?) -> Response.OneOf_MessageResponse {
    do {
      guard let files = try find() else { return error(.notFound, "No such file or symbol.") }
      return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files.map { .init($0) } })
    } catch {
      return self.error(.internalError, "The file cannot be serialized.")
    }
  }

  private func error(_ code: Status.Code, _ message: String) -> Response.OneOf_MessageResponse {
    .errorResponse(
      .with {
        $0.errorCode = Int32(code.rawValue)
        $0.errorMessage = message
      })
  }
}
