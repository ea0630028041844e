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
    of workload: String, settings: Settings, logger: Logger
  ) throws(SettingError) -> WorkloadIdentity? {
    try identityOptions.identity(of: workload, settings: settings, logger: logger)
  }

  /// Whether reflection is served.
  package func reflection(settings: Settings) throws(SettingError) -> Bool {
    try settings.value(Self.reflectionSetting, flag: reflectionText)
  }
}
