package import GRPCCore
package import GRPCNghttp2Transport
package import Logging
import Metrics
package import ServiceLifecycle
import UnixSignals

/// A process of the suite: logs, metrics, health, reflection, an admin port, and an end without a lost call.
package struct ServiceProcess: Sendable {
  /// How long calls in flight may take to end once the process was told to stop.
  private static let drainLimit = Duration.seconds(20)

  /// The process's logger. What is logged never holds a secret.
  package let logger: Logger
  /// The address that calls are taken on.
  package let listen: SocketEndpoint
  /// Who the process is to the other services. Nil: it calls and is called in plaintext.
  package let identity: WorkloadIdentity?
  private let adminListen: SocketEndpoint?
  private let servesReflection: Bool
  private let transportConfiguration: Nghttp2ServerConfiguration
  private let metrics = PrometheusRegistry()

  /// Starts logging and metrics. To be created once in a process.
  /// - Parameters:
  ///   - workload: Who the process is.
  ///   - options: The flags that every service has.
  ///   - settings: Where their values come from when the flags are not given.
  ///   - defaultListen: The address that calls are taken on when no setting names another.
  ///   - requestMemory: What the requests of all calls may hold in memory at a time, in bytes.
  /// - Throws: ``SettingError`` for a value that cannot be used.
  package init(
    workload: Workload, options: ServiceOptions, settings: Settings, defaultListen: String,
    requestMemory: Int = ServiceTransport.requestMemory
  ) throws {
    let level = try options.logLevel(settings: settings)
    listen = try options.listen(default: defaultListen, settings: settings)
    adminListen = try options.adminListen(settings: settings)
    servesReflection = try options.reflection(settings: settings)
    transportConfiguration = try options.transport(settings: settings, requestMemory: requestMemory)
    LoggingSystem.bootstrap(
      { label, provider in
        var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
        handler.logLevel = level
        return handler
      }, metadataProvider: RequestID.metadataProvider)
    MetricsSystem.bootstrap(metrics)
    logger = Logger(label: workload.rawValue)
    identity = try options.identity(of: workload, settings: settings, logger: logger)
  }

  /// A client of another service, as this process.
  /// - Parameters:
  ///   - service: Whom its certificate must name.
  ///   - endpoints: Where its replicas are.
  package func client(of service: Workload, at endpoints: [SocketEndpoint]) throws -> ServiceClient {
    try ServiceClient(endpoints: endpoints, service: service, identity: identity, logger: logger)
  }

  /// Serves gRPC until SIGTERM or SIGINT, then refuses new calls, lets those in flight end, and stops the rest.
  /// - Parameters:
  ///   - services: What is served, besides health and reflection.
  ///   - callers: The workloads that alone may call a method. Without an identity nobody can be told from another, so
  ///     that whoever reaches the address may call every method: a process for one machine, as the log says.
  ///   - authentication: How calls are authenticated; `nil` when what they are asked about is a credential.
  ///   - fastPaths: What answers some calls before a service is asked. The interceptors don't see these calls; they are
  ///     counted, timed and logged like all others, and their callers are among those that may call. Those of methods
  ///     that need a credential answer nothing.
  ///   - health: Whether the process can take calls.
  ///   - background: What runs beside the server, such as clients and databases; it outlives the server's last call.
  /// - Throws: When the address cannot be listened on, or when something that runs fails.
  package func serve(
    _ services: [any RegistrableRPCService], callers: [MethodDescriptor: Set<Workload>] = [:],
    authentication: AuthenticationInterceptor? = nil, fastPaths: [FastPath] = [],
    health: HealthMonitor = .alwaysServing,
    running background: [any Service] = []
  ) async throws {
    let rules = CallerRules(identity == nil ? [:] : callers)
    let transport = Nghttp2ServerTransport(
      listeningOn: listen, security: .server(as: identity), configuration: transportConfiguration,
      fastPaths: fastPaths.map {
        $0.authenticated(by: authentication).admitting(rules).observed(logger: logger)
      }, logger: logger)
    let standard = StandardServices(health: health, servesReflection: servesReflection, logger: logger)
    let server = GRPCServer(
      transport: transport,
      router: try standard.router(with: services, callers: rules, authentication: authentication))
    try await run(background + [ServerService(server: server, health: health, logger: logger)], health: health)
  }

  /// Runs services until SIGTERM or SIGINT, then stops them, the last one first.
  package func run(_ services: [any Service], health: HealthMonitor = .alwaysServing) async throws {
    if identity == nil {
      logger.warning(
        """
        No identity is set: calls between services are plaintext, and whoever reaches an address may make them. \
        That is for one machine.
        """)
    }
    let admin = adminListen.map { AdminServer(endpoint: $0, metrics: metrics, health: health, logger: logger) }
    var configuration = ServiceGroupConfiguration(
      services: (admin.map { [$0] } ?? []) + services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = Self.drainLimit
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// The gRPC server as a part of the process's lifetime.
package struct ServerService: Service {
  let server: GRPCServer<Nghttp2ServerTransport>
  let health: HealthMonitor
  let logger: Logger

  package init(server: GRPCServer<Nghttp2ServerTransport>, health: HealthMonitor, logger: Logger) {
    self.server = server
    self.health = health
    self.logger = logger
  }

  package func run() async throws {
    try await withGracefulShutdownHandler {
      do {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await server.serve() }
          let endpoint = try await server.transport.boundEndpoint
          logger.info("Serving", metadata: ["address": "\(endpoint)"])
          try await group.waitForAll()
        }
      } catch let error as RPCError where error.code == .failedPrecondition && Task.isShuttingDownGracefully {
        logger.info("Stopped before it served")
      }
    } onGracefulShutdown: {
      health.beginDraining()
      server.beginGracefulShutdown()
      // A server that doesn't serve yet says nothing to its transport.
      server.transport.beginGracefulShutdown()
    }
  }
}
