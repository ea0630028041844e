import GRPCCore
import InteropAPI

/// The client's side of the cases, over any transport.
struct InteropClient<Transport: ClientTransport> {
  let service: Grpc_Testing_TestService.Client<Transport>
  let unimplementedService: Grpc_Testing_UnimplementedService.Client<Transport>
  /// What the client or its server can't do.
  let lacking: Set<Capability>

  init(_ client: GRPCClient<Transport>, lacking: Set<Capability>) {
    self.service = Grpc_Testing_TestService.Client(wrapping: client)
    self.unimplementedService = Grpc_Testing_UnimplementedService.Client(wrapping: client)
    self.lacking = lacking
  }

  /// Runs a case, or as much of it as the peers can, and throws what is wrong.
  func run(_ testCase: InteropCase) async throws {
    switch testCase {
    case .emptyUnary: try await self.emptyUnary()
    case .largeUnary: try await self.largeUnary()
    case .clientStreaming: try await self.clientStreaming()
    case .serverStreaming: try await self.serverStreaming()
    case .pingPong: try await self.pingPong()
    case .emptyStream: try await self.emptyStream()
    case .clientCompressedUnary: try await self.clientCompressedUnary()
    case .serverCompressedUnary: try await self.serverCompressedUnary()
    case .clientCompressedStreaming: try await self.clientCompressedStreaming()
    case .serverCompressedStreaming: try await self.serverCompressedStreaming()
    case .timeoutOnSleepingServer: try await self.timeoutOnSleepingServer()
    case .cancelAfterBegin: try await self.cancelAfterBegin()
    case .cancelAfterFirstResponse: try await self.cancelAfterFirstResponse()
    case .customMetadata: try await self.customMetadata()
    case .statusCodeAndMessage: try await self.statusCodeAndMessage()
    case .specialStatusMessage: try await self.specialStatusMessage()
    case .unimplementedMethod: try await self.unimplementedMethod()
    case .unimplementedService: try await self.callUnimplementedService()
    case .everyStatusCode: try await self.everyStatusCode()
    case .cancelledHandler: try await self.cancelledHandler()
    }
  }

  /// Options of a call that ends in any case.
  func options(compression: CompressionAlgorithm? = nil) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = callTimeLimit
    options.compression = compression
    return options
  }
}

/// How long a call may take that should take milliseconds.
let callTimeLimit = Duration.seconds(20)
