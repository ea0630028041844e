package import GRPCCore
import GRPCNghttp2Transport

/// Lets chosen methods be called by chosen workloads alone, whatever credential comes along.
///
/// Who calls is what the verified certificate of the connection says; without one nobody is admitted. Methods that are
/// not listed, among them health and reflection, are open to every workload that the transport takes.
package struct CallerInterceptor: ServerInterceptor {
  private let rules: CallerRules

  /// Lets calls through that the rules admit.
  package init(_ rules: CallerRules) {
    self.rules = rules
  }

  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let identity = context.peerIdentity
    guard rules.admit(identity, to: context.descriptor) else {
      throw ServiceError(
        .permissionDenied,
        "\(identity ?? "A caller without an identity") may not call \(context.descriptor.fullyQualifiedMethod).")
    }
    return try await next(request, context)
  }
}
