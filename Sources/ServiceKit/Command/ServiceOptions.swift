import ArgumentParser
package import GRPCNghttp2Transport
package import Logging

/// The flags that every service has.
package struct ServiceOptions: ParsableArguments {
  private static let defaultListen = "127.0.0.1 and the service's port, 50051 to 50053; api-gateway 127.0.0.1:8080"
  private static let adminListenSetting = Setting.optionalEndpoint(
    "admin-listen",
    help: "Where Prometheus metrics (/metrics) and the process's health (/healthz) are served over HTTP.")
  private static let logLevelSetting = Setting<Logger.Level>(
    "log-level", default: "info", help: "The least severe log level that is written to standard error.",
    expected: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))",
    parse: { Logger.Level(rawValue: $0) })
  private static let reflectionSetting = Setting<Bool>.flag(
    "reflection", default: true, help: "Whether a gRPC service serves reflection.")
  private static let maxConnectionAgeSetting = Setting<Duration>.seconds(
    "max-connection-age", default: 300, in: 0.1...86_400,
    help:
      "How old a connection to a gRPC service may become, give or take a tenth, before its client opens another one, "
      + "perhaps to another replica; in seconds.")
  private static let maxConnectionAgeGraceSetting = Setting<Duration>.seconds(
    "max-connection-age-grace", default: 600, in: 0.1...86_400,
    help:
      "How long the calls of such a connection may go on, in seconds: longer than the api-gateway's predict-timeout "
      + "and answer-timeout.")

  @Option(
    name: .customLong("listen"),
    help: "The address that calls are taken on. [TEMPORIS_LISTEN; default: \(Self.defaultListen)]")
  private var listenText: String?

  @Option(name: .customLong("admin-listen"), help: adminListenSetting.help)
  private var adminListenText: String?

  @Option(name: .customLong("log-level"), help: logLevelSetting.help)
  private var logLevelText: String?

  @Option(name: .customLong("reflection"), help: reflectionSetting.help)
  private var reflectionText: String?

  @Option(name: .customLong("max-connection-age"), help: maxConnectionAgeSetting.help)
  private var maxConnectionAgeText: String?

  @Option(name: .customLong("max-connection-age-grace"), help: maxConnectionAgeGraceSetting.help)
  private var maxConnectionAgeGraceText: String?

  @OptionGroup private var identityOptions: IdentityOptions

  package init() {}

  /// The address that calls are taken on.
  package func listen(default address: String, settings: Settings) throws(SettingError) -> SocketEndpoint {
    try settings.value(.endpoint("listen", default: address, help: ""), flag: listenText)
  }

  /// Where metrics and health are served over HTTP. Nil: nowhere.
  package func adminListen(settings: Settings) throws(SettingError) -> SocketEndpoint? {
    try settings.value(Self.adminListenSetting, flag: adminListenText)
  }

  /// The least severe level that is logged.
  package func logLevel(settings: Settings) throws(SettingError) -> Logger.Level {
    try settings.value(Self.logLevelSetting, flag: logLevelText)
  }

  /// Who the process is to the other services, which must be this workload. Nil: it speaks plaintext.
  package func identity(
    of workload: Workload, settings: Settings, logger: Logger
  ) throws(SettingError) -> WorkloadIdentity? {
    try identityOptions.identity(of: workload, settings: settings, logger: logger)
  }

  /// Whether reflection is served.
  package func reflection(settings: Settings) throws(SettingError) -> Bool {
    try settings.value(Self.reflectionSetting, flag: reflectionText)
  }

  /// How a gRPC service treats its connections.
  package func transport(
    settings: Settings, requestMemory: Int = ServiceTransport.requestMemory
  ) throws(SettingError) -> Nghttp2ServerConfiguration {
    ServiceTransport.server(
      maxConnectionAge: try settings.value(Self.maxConnectionAgeSetting, flag: maxConnectionAgeText),
      grace: try settings.value(Self.maxConnectionAgeGraceSetting, flag: maxConnectionAgeGraceText),
      requestMemory: requestMemory)
  }
}
