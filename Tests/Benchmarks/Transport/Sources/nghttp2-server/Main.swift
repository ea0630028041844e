import EchoService
import GRPCCore
import GRPCNghttp2Transport
import Glibc
import Logging
import NIOPosix
import SwiftProtobuf

/// The echo service on this project's transport, one event loop; `--fast-path` answers on it without GRPCCore.
@main
enum Main {
  static func main() async throws {
    let isFast = CommandLine.arguments.contains("--fast-path")
    let transport = Nghttp2ServerTransport(
      listeningOn: .host("127.0.0.1", port: 0),
      fastPaths: isFast ? [FastPath(method: EchoService.unary, handler: answer)] : [],
      eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1),
      logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
    var router = RPCRouter<Nghttp2ServerTransport>()
    EchoService().registerMethods(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await server.serve() }
      print(try await transport.boundEndpoint)
      fflush(nil)
    }
  }

  /// The same work as the handler's: the message is read, and another is written.
  @Sendable private static func answer(_ message: RawSpan, _: FastPathContext) -> FastPathAnswer {
    do {
      let request = try Google_Protobuf_StringValue(serializedBytes: message)
      return .reply(try Google_Protobuf_StringValue(request.value).serializedBytes())
    } catch {
      return .error(RPCError(code: .invalidArgument, message: "The message can't be read.", cause: error))
    }
  }
}
