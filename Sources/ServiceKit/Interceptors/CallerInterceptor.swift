package import GRPCCore
package import GRPCNghttp2Transport

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

/// Which workloads alone may call which methods. A method that is not listed is every workload's.
package struct CallerRules: Sendable {
  private let callers: [MethodDescriptor: Set<Workload>]

  /// Admits to each method these workloads.
  package init(_ callers: [MethodDescriptor: Set<Workload>]) {
    self.callers = Dictionary(callers.map { ($0.key.untyped, $0.value) }) { $0.intersection($1) }
  }

  /// Whether a method is listed.
  package func restrict(_ method: MethodDescriptor) -> Bool {
    callers[method.untyped] != nil
  }

  /// Whether who has this identity may call a method; one without an identity may call none that is listed.
  package func admit(_ identity: String?, to method: MethodDescriptor) -> Bool {
    guard let admitted = callers[method.untyped] else { return true }
    return identity.flatMap { Workload(identity: $0) }.map(admitted.contains) ?? false
  }
}

extension FastPath {
  /// The same fast path for methods that need no credential; calls of others fall through to
  /// ``AuthenticationInterceptor``.
  package func authenticated(by authentication: AuthenticationInterceptor?) -> FastPath {
    guard let authentication, !authentication.opens(method) else { return self }
    var authenticated = self
    authenticated.handler = { _, _ in .fallThrough }
    return authenticated
  }

  /// The same fast path for callers that the rules admit; the others fall through to ``CallerInterceptor``.
  package func admitting(_ rules: CallerRules) -> FastPath {
    let (method, handler) = (method, handler)
    guard rules.restrict(method) else { return self }
    var admitting = self
    admitting.handler = { message, context in
      rules.admit(context.peer.identity, to: method) ? handler(message, context) : .fallThrough
    }
    return admitting
  }
}
