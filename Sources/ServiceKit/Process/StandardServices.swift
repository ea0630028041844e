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
  /// - Parameter interceptors: What every call passes once it is observed, outermost first.
  package func router<Transport: ServerTransport>(
    with services: [any RegistrableRPCService], interceptors: [any ServerInterceptor] = []
  ) throws -> RPCRouter<Transport> {
    var router = RPCRouter<Transport>()
    for service in services { service.registerMethods(with: &router) }
    var names = Set(router.methods.map(\.service.fullyQualifiedService))
    HealthService(monitor: health, serviceNames: names).registerMethods(with: &router)
    names.insert("grpc.health.v1.Health")
    if servesReflection {
      names.insert("grpc.reflection.v1.ServerReflection")
      ReflectionService(index: try DescriptorIndex(), serviceNames: names.sorted())
        .registerMethods(with: &router)
    }
    let own: [any ServerInterceptor] = [
      RequestIDInterceptor(), ObservationInterceptor(logger: logger), DeadlineInterceptor(),
    ]
    router.registerInterceptors(pipeline: (own + interceptors).map { .apply($0, to: .all) })
    return router
  }
}
