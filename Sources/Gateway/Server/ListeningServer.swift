import GRPCNghttp2Transport
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The public server as a part of the process's lifetime; says where it could not listen, and why.
struct ListeningServer: Service {
  /// The address cannot be listened on.
  struct ListeningError: Error, CustomStringConvertible {
    let description: String
  }

  let server: Application<PublicResponder>
  let endpoint: SocketEndpoint

  func run() async throws {
    do {
      try await server.run()
    } catch let error as IOError {
      throw ListeningError(description: "cannot listen on \(endpoint): \(error)")
    }
  }
}
