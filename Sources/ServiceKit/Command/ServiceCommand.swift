package import ArgumentParser
package import GRPCNghttp2Transport
import Logging

/// The command of an executable that serves.
package protocol ServiceCommand: AsyncParsableCommand {
  /// Who the process is to the other services; the executable's name.
  static var workload: Workload { get }

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
    // It asks as itself: who may serve as this process may ask it, too.
    let silent = Logger(label: Self.workload.rawValue) { _ in SwiftLogNoOpLogHandler() }
    let identity = try service.identity(of: Self.workload, settings: settings, logger: silent)
    return GRPCHealthProbe(endpoint: endpoint, timeout: timeout, service: Self.workload, identity: identity)
  }
}
