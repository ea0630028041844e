import SystemSupport
import Testing

/// Which process serves which package, as Protos/README.md says it.
struct ServedPackages: Sendable {
  struct Row: Sendable {
    let packages: [String]
    let services: [String]
    let process: String
  }

  /// The processes that serve gRPC.
  static let processes = ["token-service", "auth-verifier", "predict-service"]

  let rows: [Row]

  /// Reads the document's table: package, services, served by.
  init() throws {
    rows = try Readme.text(of: "Protos/README.md").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      guard cells.count == 5, cells[1].contains("`") else { return nil }
      return Row(
        packages: Self.quoted(cells[1]), services: Self.quoted(cells[2]),
        process: cells[3].trimmingPrefix(" ").split(separator: " ").joined(separator: " "))
    }
  }

  /// The processes that serve a package.
  func processes(serving package: String) -> Set<String> {
    Set(
      rows.filter { $0.packages.contains(package) }.flatMap { row in
        row.process == "every service" ? Self.processes : [row.process]
      })
  }

  private static func quoted(_ cell: Substring) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
  }
}
