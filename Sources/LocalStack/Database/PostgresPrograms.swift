import Foundation

/// Where PostgreSQL's programs lie.
package struct PostgresPrograms: Sendable {
  /// The folder of `initdb` and `postgres`.
  package let folder: String

  /// The program that makes a cluster.
  var initdb: String { folder + "/initdb" }
  /// The server.
  var postgres: String { folder + "/postgres" }

  /// Finds the programs: where `pg_config` says, else the newest of Debian's.
  ///
  /// - Parameters:
  ///   - major: The version of the cluster that is to be served, which only the same version can read. Nil: any.
  ///   - pgConfig: The program that tells where they lie.
  ///   - debianRoot: The folder that holds those of each version.
  /// - Throws: `LocalStackError` with `.missingProgram`, naming the package to install.
  package static func find(
    major: String?, pgConfig: String = "pg_config", debianRoot: String = "/usr/lib/postgresql"
  ) async throws -> PostgresPrograms {
    var folders: [String] = []
    // Without pg_config, or with one that fails, Debian's folders are looked at alone.
    if let told = try? await Command([pgConfig, "--bindir"]).run().trimmed, !told.isEmpty { folders.append(told) }
    folders += debianFolders(in: debianRoot)
    for folder in folders where hasServer(folder) {
      guard let major else { return PostgresPrograms(folder: folder) }
      // A server that can't tell its version can't serve the cluster either.
      let version = try? await Command([folder + "/postgres", "--version"]).run()
      if let version, Self.major(of: version) == major { return PostgresPrograms(folder: folder) }
    }
    if let major {
      throw LocalStackError(
        .missingProgram,
        "The data folder holds a PostgreSQL \(major) cluster and that version is not installed: apt-get install "
          + "postgresql-\(major)")
    }
    throw LocalStackError(
      .missingProgram,
      "PostgreSQL is not installed: apt-get install postgresql, or name a running one with --database-url")
  }

  /// The major version in an answer such as `postgres (PostgreSQL) 15.6 (Debian …)`.
  static func major(of version: String) -> String? {
    guard let mark = version.range(of: "(PostgreSQL) ") else { return nil }
    let digits = version[mark.upperBound...].prefix(while: \.isNumber)
    return digits.isEmpty ? nil : String(digits)
  }

  private static func debianFolders(in root: String) -> [String] {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
  }

  private static func hasServer(_ folder: String) -> Bool {
    ["initdb", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
  }
}
