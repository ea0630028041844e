package import ArgumentParser
package import GRPCNghttp2Transport

/// The command of an executable that serves.
package protocol ServiceCommand: AsyncParsableCommand {
  /// The address that calls are taken on when no setting names another.
  static var defaultListen: String { get }

  /// The flags that every service has.
  var service: ServiceOptions { get }

  /// What asks a process with this command's settings for its health: over gRPC, unless it serves something else.
  /// - Throws: ``SettingError`` for a value that cannot be used.
  func healthProbe(of endpoint: SocketEndpoint, timeout: Duration, settings: Settings) throws -> any HealthProbe
}

extension ServiceCommand {
  package func healthProbe(
    of endpoint: SocketEndpoint, timeout: Duration, settings: Settings
  ) throws -> any HealthProbe {
    GRPCHealthProbe(endpoint: endpoint, timeout: timeout)
  }
}
