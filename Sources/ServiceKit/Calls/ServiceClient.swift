package import GRPCCore
package import GRPCNghttp2Transport
package import Logging
import ServiceLifecycle

/// Makes unary calls for callers outside a task.
package protocol UnaryCaller: Sendable {
  /// Makes a call; see `Nghttp2ClientTransport.unary`.
  ///
  /// - Parameter completion: Called once, on a thread that must not be held up.
  func call(
    _ method: MethodDescriptor, _ message: [UInt8], metadata: Metadata, timeout: Duration,
    completion: @escaping Nghttp2ClientTransport.UnaryCompletion)
}

/// A gRPC client of another service, as a part of the process's lifetime.
package final class ServiceClient: Service, Sendable {
  /// What stubs are wrapped around.
  package let grpc: GRPCClient<Nghttp2ClientTransport>
  private let transport: Nghttp2ClientTransport
  private let interceptors: [any ClientInterceptor]

  /// Creates a client of a service's replicas. It connects when it is first used, once it runs, and retries methods
  /// that only read.
  /// - Parameters:
  ///   - endpoints: Where the replicas are.
  ///   - service: Whom their certificates must name.
  ///   - identity: Who calls. Nil: the calls are plaintext, and go to whoever listens there.
  ///   - interceptors: What each call passes on its way.
  ///   - logger: Where it says why it can't connect. Nil: only the calls' errors do.
  package convenience init(
    endpoints: [SocketEndpoint], service: Workload, identity: WorkloadIdentity?,
    interceptors: [any ClientInterceptor] = [], logger: Logger? = nil
  ) throws {
    try self.init(
      endpoints: endpoints, security: .client(of: service, as: identity), interceptors: interceptors, logger: logger)
  }

  /// Creates a plaintext client.
  package convenience init(endpoints: [SocketEndpoint]) throws {
    try self.init(endpoints: endpoints, security: .plaintext)
  }

  /// Creates a client whose transport is secured as told.
  init(
    endpoints: [SocketEndpoint], security: TransportSecurity, interceptors: [any ClientInterceptor] = [],
    logger: Logger? = nil
  ) throws {
    transport = try Nghttp2ClientTransport(
      endpoints: endpoints, security: security, configuration: try ServiceTransport.client(), logger: logger)
    self.interceptors = [RequestIDInterceptor(), ClientAddressInterceptor()] + interceptors
    grpc = GRPCClient(transport: transport, interceptors: self.interceptors)
  }

  /// A client of the same connections whose calls all carry some metadata, such as one caller's `authorization`.
  ///
  /// It works while this one runs, and costs no connection.
  package func calling(with metadata: Metadata) -> GRPCClient<Nghttp2ClientTransport> {
    GRPCClient(transport: transport, interceptors: interceptors + [MetadataInterceptor(metadata)])
  }

  /// Runs the connections until the process stops.
  package func run() async throws {
    try await withGracefulShutdownHandler {
      try await grpc.runConnections()
    } onGracefulShutdown: { [grpc] in
      grpc.beginGracefulShutdown()
    }
  }
}

/// The interceptors don't see these calls: who makes one adds the request's id, and whatever else it needs, itself.
extension ServiceClient: UnaryCaller {
  package func call(
    _ method: MethodDescriptor, _ message: [UInt8], metadata: Metadata, timeout: Duration,
    completion: @escaping Nghttp2ClientTransport.UnaryCompletion
  ) {
    transport.unary(method, message, metadata: metadata, timeout: timeout, completion: completion)
  }
}

/// Adds metadata to each call.
package struct MetadataInterceptor: ClientInterceptor {
  private let metadata: Metadata

  /// Creates an interceptor that adds this.
  package init(_ metadata: Metadata) {
    self.metadata = metadata
  }

  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>, context: ClientContext,
    next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    var request = request
    request.metadata.add(contentsOf: metadata)
    return try await next(request, context)
  }
}
