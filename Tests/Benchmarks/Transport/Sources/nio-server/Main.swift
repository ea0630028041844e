import EchoService
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import NIOPosix

/// The echo service on grpc-swift's own transport, one event loop.
@main
enum Main {
  static func main() async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
      eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    var router = RPCRouter<HTTP2ServerTransport.Posix>()
    EchoService().registerMethods(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await server.serve() }
      print(try await transport.listeningAddress)
      fflush(nil)
    }
  }
}
