import ArgumentParser
import GRPCNghttp2Transport
import ServiceKit

/// The flags of the gateway alone.
struct GatewayOptions: ParsableArguments {
  private static let predictServiceSetting = Setting.replicas(of: .predictService)
  private static let authVerifierSetting = Setting.replicas(of: .authVerifier)
  private static let tokenServiceSetting = Setting.replicas(of: .tokenService)
  private static let publicURLSetting = Setting.publicURL
  private static let trustedProxiesSetting = Setting.trustedProxies
  private static let ingestTimeoutSetting = Setting<Duration>.seconds(
    "ingest-timeout", default: 30, help: "How long an ingest may take behind the gateway.")
  private static let predictTimeoutSetting = Setting<Duration>.seconds(
    "predict-timeout", default: 30,
    help: "How long a prediction may take until it is charged: longer than predict-service's charge-write-timeout.")
  private static let chargeWriteTimeoutSetting = Setting.chargeWriteTimeout
  private static let answerTimeoutSetting = Setting<Duration>.seconds(
    "answer-timeout", default: 300, help: "How long a client may take to read a prediction.")
  private static let verifyTimeoutSetting = Setting.verifyTimeout
  private static let maxConnectionsSetting = Setting<Int>.integer(
    "max-connections", default: 1_024, in: 1...1_000_000, help: "The most client connections at a time.")
  private static let idleTimeoutSetting = Setting<Duration>.seconds(
    "idle-timeout", default: 75,
    help: "How long a client's connection may be silent: longer than a load balancer's own idle timeout, often 60.")
  private static let refusalRateSetting = Setting<Int>.integer(
    "refusal-rate", default: 200, in: 0...1_000_000,
    help: "The 401 answers that are given at once each second; further ones wait, up to a second. 0: none waits.")
  private static let certificateSetting = Setting<String>.text(
    "tls-certificate", default: "",
    help: "A PEM file with the certificate chain; with --tls-key the gateway speaks HTTPS.")
  private static let keySetting = Setting<String>.text(
    "tls-key", default: "", help: "A PEM file with the certificate's private key.")

  @Option(name: .customLong("predict-service"), help: predictServiceSetting.help)
  private var predictServiceText: String?

  @Option(name: .customLong("auth-verifier"), help: authVerifierSetting.help)
  private var authVerifierText: String?

  @Option(name: .customLong("token-service"), help: tokenServiceSetting.help)
  private var tokenServiceText: String?

  @Option(name: .customLong("public-url"), help: publicURLSetting.help)
  private var publicURLText: String?

  @Option(name: .customLong("trusted-proxies"), help: trustedProxiesSetting.help)
  private var trustedProxiesText: String?

  @Option(name: .customLong("ingest-timeout"), help: ingestTimeoutSetting.help)
  private var ingestTimeoutText: String?

  @Option(name: .customLong("predict-timeout"), help: predictTimeoutSetting.help)
  private var predictTimeoutText: String?

  @Option(
    name: .customLong("charge-write-timeout"),
    help: "What predict-service is told by this name, in seconds: predict-timeout has to be longer.")
  private var chargeWriteTimeoutText: String?

  @Option(name: .customLong("answer-timeout"), help: answerTimeoutSetting.help)
  private var answerTimeoutText: String?

  @Option(name: .customLong("verify-timeout"), help: verifyTimeoutSetting.help)
  private var verifyTimeoutText: String?

  @Option(name: .customLong("max-connections"), help: maxConnectionsSetting.help)
  private var maxConnectionsText: String?

  @Option(name: .customLong("idle-timeout"), help: idleTimeoutSetting.help)
  private var idleTimeoutText: String?

  @Option(name: .customLong("refusal-rate"), help: refusalRateSetting.help)
  private var refusalRateText: String?

  @Option(name: .customLong("tls-certificate"), help: certificateSetting.help)
  private var certificateText: String?

  @Option(name: .customLong("tls-key"), help: keySetting.help)
  private var keyText: String?

  /// Reads every setting.
  /// - Throws: ``SettingError`` for the first that cannot be used.
  func configuration(settings: Settings) throws(SettingError) -> GatewayConfiguration {
    var limits = ServerLimits()
    limits.connections = try settings.value(Self.maxConnectionsSetting, flag: maxConnectionsText)
    limits.idleTimeout = try settings.value(Self.idleTimeoutSetting, flag: idleTimeoutText)
    limits.refusalsPerSecond = try settings.value(Self.refusalRateSetting, flag: refusalRateText)
    let identity = try TLSIdentity.read(
      certificate: try settings.value(Self.certificateSetting, flag: certificateText),
      key: try settings.value(Self.keySetting, flag: keyText))
    let predictTimeout = try settings.value(Self.predictTimeoutSetting, flag: predictTimeoutText)
    let chargeWriteTimeout = try settings.value(Self.chargeWriteTimeoutSetting, flag: chargeWriteTimeoutText)
    guard RemotePredictionClient.chargeTimeout(within: predictTimeout) > chargeWriteTimeout else {
      throw SettingError(
        "--predict-timeout must be longer than --charge-write-timeout by more than a second, or a tenth of it if that "
          + "is less: no prediction could be charged")
    }
    return GatewayConfiguration(
      predictService: try settings.value(Self.predictServiceSetting, flag: predictServiceText),
      authVerifier: try settings.value(Self.authVerifierSetting, flag: authVerifierText),
      tokenService: try settings.value(Self.tokenServiceSetting, flag: tokenServiceText),
      origin: PublicOrigin(
        try settings.value(Self.publicURLSetting, flag: publicURLText), speaksTLS: identity != nil,
        trustedProxies: try settings.value(Self.trustedProxiesSetting, flag: trustedProxiesText)),
      ingestTimeout: try settings.value(Self.ingestTimeoutSetting, flag: ingestTimeoutText),
      predictTimeout: predictTimeout,
      answerTimeout: try settings.value(Self.answerTimeoutSetting, flag: answerTimeoutText),
      verifyTimeout: try settings.value(Self.verifyTimeoutSetting, flag: verifyTimeoutText),
      limits: limits,
      identity: identity)
  }
}

/// The values of the gateway's settings.
struct GatewayConfiguration: Sendable {
  /// The predict-service's replicas.
  let predictService: [SocketEndpoint]
  /// The auth-verifier's replicas.
  let authVerifier: [SocketEndpoint]
  /// The token-service's replicas, for the dashboard.
  let tokenService: [SocketEndpoint]
  /// The gateway's address as browsers know it.
  let origin: PublicOrigin
  /// The longest that an ingest may take behind the gateway.
  let ingestTimeout: Duration
  /// The longest that a prediction may take until it is charged.
  let predictTimeout: Duration
  /// The longest that a client may then take to read it.
  let answerTimeout: Duration
  /// The longest that a verdict may take.
  let verifyTimeout: Duration
  /// The most that clients may take of the process.
  let limits: ServerLimits
  /// The certificate that TLS clients are shown. Nil: plain HTTP/1.1.
  let identity: TLSIdentity?
}
