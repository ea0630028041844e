import ArgumentParser
import Foundation
import LocalStack
import ServiceKit

/// `temporis up`
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Run the whole stack: database, services, gateway and a demo account.",
    discussion: """
      Everything lies in the data folder, and ends with this command. When all is healthy the addresses and the demo \
      account's credentials are in FOLDER/ready.json. The services speak mutual TLS with each other; a local gRPC \
      client has a certificate of its own, which ready.json names too.
      """)

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "Where everything of the stack lies, or TEMPORIS_DATA_DIR. [default: \(DataFolder.defaultPath())]",
      valueName: "folder"))
  var dataDir: String?

  @Option(name: .customLong("gateway-port"), help: "The gateway's port on 127.0.0.1; 0 picks a free one.")
  var gatewayPort = LocalStackOptions.defaultGatewayPort

  @Option(
    name: .customLong("database-url"),
    help: ArgumentHelp(
      "Use this PostgreSQL in place of a private one: a role that may create roles and schemas. "
        + "TEMPORIS_DATABASE_URL keeps its password off the command line.",
      valueName: "url"))
  var databaseURL: String?

  @Option(
    help: ArgumentHelp(
      "How many processes of each service run, 1 to 16, such as verifier=3,token=2,predict=2. [default: one each]",
      valueName: "list"),
    transform: Self.parseReplicas)
  var replicas = Replicas()

  @Flag(help: "No TLS between the services: for local tools, which then need no client certificate.")
  var plaintext = false

  @Option(
    name: .customLong("certificate-lifetime"),
    help: ArgumentHelp(
      "How long the certificates between the services work, in seconds from 30 to 31536000. They are renewed when half "
        + "of it has passed.", valueName: "seconds"))
  var certificateLifetime = LocalStackOptions.defaultCertificateLifetime

  @Option(
    name: .customLong("tls-certificate"),
    help: ArgumentHelp("The gateway's certificate chain (PEM): it then speaks HTTPS.", valueName: "file"))
  var tlsCertificate: String?

  @Option(
    name: .customLong("tls-key"),
    help: ArgumentHelp("The key of the gateway's certificate (PEM).", valueName: "file"))
  var tlsKey: String?

  @Option(name: .customLong("public-url"), help: Setting.publicURL.help)
  var publicURL: String?

  @Option(name: .customLong("trusted-proxies"), help: Setting.trustedProxies.help)
  var trustedProxies: String?

  func validate() throws {
    guard (0...65_535).contains(gatewayPort) else { throw ValidationError("--gateway-port must be in 0...65535") }
    guard (30...31_536_000).contains(certificateLifetime) else {
      throw ValidationError("--certificate-lifetime must be in 30...31536000")
    }
    // The gateway would find out for itself, but only once the database runs.
    do {
      let settings = Settings()
      _ = try settings.value(.publicURL, flag: publicURL)
      _ = try settings.value(.trustedProxies, flag: trustedProxies)
      _ = try TLSIdentity.read(certificate: tlsCertificate ?? "", key: tlsKey ?? "")
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    var options = LocalStackOptions(dataFolder: dataDir ?? DataFolder.defaultPath())
    options.gatewayPort = gatewayPort
    let variable = ProcessInfo.processInfo.environment["TEMPORIS_DATABASE_URL"]
    options.databaseURL = databaseURL ?? variable.flatMap { $0.isEmpty ? nil : $0 }
    options.replicas = replicas
    options.plaintext = plaintext
    options.certificateLifetime = .seconds(certificateLifetime)
    options.tlsCertificate = tlsCertificate.flatMap(Self.absolutePath)
    options.tlsKey = tlsKey.flatMap(Self.absolutePath)
    options.publicURL = publicURL
    options.trustedProxies = trustedProxies
    try await LocalStack(options: options).run()
  }

  /// The absolute path of a file; `nil` when none is named.
  private static func absolutePath(_ path: String) -> String? {
    path.isEmpty ? nil : URL(fileURLWithPath: path).path
  }

  private static func parseReplicas(_ text: String) throws -> Replicas {
    do {
      return try Replicas(parsing: text)
    } catch {
      throw ValidationError(error.message)
    }
  }
}
