package import GRPCCore
package import TokenDomain

/// Who may call a method.
package enum MethodAccess: Sendable, Hashable {
  /// Anyone, without a credential.
  case open
  /// A person who signed in.
  case dashboardSession
  /// Any credential that holds this permission; a dashboard session holds all.
  case permission(Permission)
}

/// Authenticates every call by its `authorization` metadata before a handler sees it.
///
/// The handler, a streaming one's producer included, runs with ``Principal/current`` set. A method that no rule names
/// is refused; only the gRPC health and reflection services are open by themselves.
package struct AuthenticationInterceptor: ServerInterceptor {
  private let verifier: any AuthorizationVerifier
  private let access: [MethodDescriptor: MethodAccess]

  /// Creates an interceptor that asks `verifier` and lets in whom `access` names.
  package init(verifier: any AuthorizationVerifier, access: [MethodDescriptor: MethodAccess]) {
    self.verifier = verifier
    self.access = Dictionary(access.map { ($0.key.untyped, $0.value) }) { first, _ in first }
  }

  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let principal = try await authenticate(request.metadata, for: context.descriptor) else {
      return try await next(request, context)
    }
    return try await Principal.$current.withValue(principal, respond: { try await next(request, context) })
  }

  /// Whether a method needs no credential.
  package func opens(_ method: MethodDescriptor) -> Bool { access(of: method) == .open }

  /// The caller, or nil for a method that needs none.
  private func authenticate(_ metadata: Metadata, for method: MethodDescriptor) async throws -> Principal? {
    guard let access = access(of: method) else {
      throw ServiceError(.permissionDenied, "This method is not open to callers.")
    }
    if case .open = access { return nil }
    let permission: Permission? = if case .permission(let permission) = access { permission } else { nil }
    // Several header lines are one list (RFC 9110, section 5.3), and a list is not a credential.
    let authorization = metadata[stringValues: "authorization"].joined(separator: ", ")
    switch try await verifier.verify(authorization: authorization, permission: permission) {
    case .valid(let principal):
      if case .dashboardSession = access, principal.kind != .dashboardSession { throw ServiceError(.sessionRequired) }
      return principal
    case .missing: throw ServiceError(.accessTokenMissing)
    case .invalid: throw ServiceError(.accessTokenInvalid)
    case .permissionDenied: throw ServiceError(.permissionDenied)
    }
  }

  /// The rule of a method; `nil` when it has none.
  private func access(of method: MethodDescriptor) -> MethodAccess? {
    if let listed = access[method.untyped] { return listed }
    let service = method.service.fullyQualifiedService
    return service.hasPrefix("grpc.health.") || service.hasPrefix("grpc.reflection.") ? .open : nil
  }
}

extension MethodDescriptor {
  /// The method by name alone: a descriptor's call kind takes part in equality, and servers differ in whether they fill
  /// it in.
  var untyped: MethodDescriptor {
    MethodDescriptor(service: service, method: method)
  }
}
