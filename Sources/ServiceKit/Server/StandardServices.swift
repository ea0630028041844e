package import GRPCCore
package import Logging
import TemporisAPI

/// What every gRPC server of the suite has besides its own services: each call observed and its deadline passed on,
/// health, and reflection unless it is switched off.
package struct StandardServices: Sendable {
  private let health: HealthMonitor
  private let servesReflection: Bool
  private let logger: Logger

  /// Creates the services of a process.
  package init(health: HealthMonitor, servesReflection: Bool, logger: Logger) {
    self.health = health
    self.servesReflection = servesReflection
    self.logger = logger
  }

  /// A router of these and of the process's own services.
  ///
  /// - Parameters:
  ///   - callers: The workloads that alone may call a method.
  ///   - authentication: How calls are authenticated; `nil` when what they are asked about is a credential.
  package func router<Transport: ServerTransport>(
    with services: [any RegistrableRPCService], callers: CallerRules = CallerRules([:]),
    authentication: AuthenticationInterceptor? = nil
  ) throws -> RPCRouter<Transport> {
    var router = RPCRouter<Transport>()
    for service in services { service.registerMethods(with: &router) }
    var names = Set(router.methods.map(\.service.fullyQualifiedService))
    HealthService(monitor: health, serviceNames: names).registerMethods(with: &router)
    names.insert("grpc.health.v1.Health")
    if servesReflection {
      names.formUnion(ReflectionService.names)
      ReflectionService(index: try DescriptorIndex(), serviceNames: names.sorted())
        .registerMethods(with: &router)
    }
    // What a call passes on its way to the handler, outermost first: what is logged has a request id and knows the
    // client, what is observed has a caller's form, and credentials are looked at only for callers that may ask.
    var interceptors: [any ServerInterceptor] = [
      RequestIDInterceptor(), ClientAddressInterceptor(), ObservationInterceptor(logger: logger),
      DeadlineInterceptor(), ErrorBoundary(), CallerInterceptor(callers),
    ]
    if let authentication { interceptors.append(authentication) }
    router.registerInterceptors(pipeline: interceptors.map { .apply($0, to: .all) })
    return router
  }
}
