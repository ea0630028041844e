import Foundation
import ServiceKit

/// The services' executables, which lie beside our own.
struct SiblingPrograms: Sendable {
  private let folder: String

  /// Finds the folder of the running executable, and checks that every service is there.
  init() throws {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    folder = (own as NSString).deletingLastPathComponent
    for service in ServicePlan.services where !FileManager.default.isExecutableFile(atPath: path(of: service)) {
      throw LocalStackError(
        .missingProgram, "\(service.rawValue) is missing in \(folder): build all products with `make build`")
    }
  }

  /// A service's executable.
  func path(of service: Workload) -> String { "\(folder)/\(service.rawValue)" }
}
