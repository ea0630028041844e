import ArgumentParser
package import GRPCNghttp2Transport
package import Logging

/// The flags of a process's identity towards the other services: all three, or none for plaintext.
package struct IdentityOptions: ParsableArguments {
  private static let certificateSetting = Setting<String>.text(
    "identity-certificate", default: "",
    help:
      "A PEM file with the certificate chain whose URI, such as spiffe://temporis.internal/auth-verifier, names this "
      + "process to the other services; with the key and the CA, calls between services are mutual TLS.")
  private static let keySetting = Setting<String>.text(
    "identity-key", default: "", help: "A PEM file with the identity certificate's private key.")
  private static let authoritiesSetting = Setting<String>.text(
    "identity-ca", default: "",
    help: "A PEM file with the CA certificates that the other services' identities come from.")

  @Option(name: .customLong("identity-certificate"), help: certificateSetting.help)
  private var certificateText: String?

  @Option(name: .customLong("identity-key"), help: keySetting.help)
  private var keyText: String?

  @Option(name: .customLong("identity-ca"), help: authoritiesSetting.help)
  private var authoritiesText: String?

  package init() {}

  /// Reads the files, and reads them again whenever they change, for as long as the identity is in use.
  /// - Parameter workload: Whom the certificate must name: the executable.
  /// - Returns: Nil when no file is set.
  /// - Throws: ``SettingError`` when one or two are, when a file cannot be used, or when it is another workload's.
  package func identity(
    of workload: Workload, settings: Settings, logger: Logger
  ) throws(SettingError) -> WorkloadIdentity? {
    guard let files = try files(settings) else { return nil }
    let identity: WorkloadIdentity
    do {
      identity = try WorkloadIdentity(files: files, logger: logger)
    } catch {
      let (setting, path) =
        switch error.file {
        case .certificate: (Self.certificateSetting, files.certificate)
        case .key: (Self.keySetting, files.key)
        case .authorities: (Self.authoritiesSetting, files.authorities)
        }
      throw SettingError("\(setting.name) names '\(path)', which \(error.reason)")
    }
    guard identity.id.workload == workload.rawValue else {
      throw SettingError("\(Self.certificateSetting.name) is of '\(identity.uri)', and this is \(workload.rawValue)")
    }
    return identity
  }

  private func files(_ settings: Settings) throws(SettingError) -> IdentityFiles? {
    let files = IdentityFiles(
      certificate: try settings.value(Self.certificateSetting, flag: certificateText),
      key: try settings.value(Self.keySetting, flag: keyText),
      authorities: try settings.value(Self.authoritiesSetting, flag: authoritiesText))
    let paths = [
      (Self.certificateSetting, files.certificate), (Self.keySetting, files.key),
      (Self.authoritiesSetting, files.authorities),
    ]
    let missing = paths.filter { $0.1.isEmpty }
    guard let first = missing.first, missing.count < paths.count else { return missing.isEmpty ? files : nil }
    throw SettingError("\(first.0.name) is required beside the other settings of the process's identity")
  }
}

extension Setting {
  /// How an error names the setting when both its forms may be meant.
  fileprivate var name: String { "--\(key) (or \(variable))" }
}

extension TransportSecurity {
  /// How a process with this identity, or with none, takes calls: from every workload of its trust domain.
  package static func server(as identity: WorkloadIdentity?) -> TransportSecurity {
    identity.map { .mutualTLS($0) } ?? .plaintext
  }

  /// How a process with this identity, or with none, calls a service, and nobody else in its place.
  package static func client(of service: Workload, as identity: WorkloadIdentity?) -> TransportSecurity {
    identity.map { .mutualTLS($0, peer: .workload(service.rawValue)) } ?? .plaintext
  }
}
