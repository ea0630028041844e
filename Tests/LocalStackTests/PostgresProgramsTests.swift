import Foundation
import LocalStack
import Testing

@Suite("PostgreSQL's programs")
struct PostgresProgramsTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  /// Something that says it is PostgreSQL, in the folder where Debian would have it.
  private func install(major: Int) throws {
    let folder = "\(temporary.path)/\(major)/bin"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["initdb", "postgres"] {
      try temporary.write("#!/bin/sh\necho '\(name) (PostgreSQL) \(major).4 (Debian)'\n", to: "\(major)/bin/\(name)")
      chmod("\(folder)/\(name)", 0o755)
    }
  }

  private func find(major: String?) async throws -> PostgresPrograms {
    try await PostgresPrograms.find(
      major: major, pgConfig: temporary.path + "/pg_config", debianRoot: temporary.path)
  }

  @Test("The newest serves a new cluster, and the version of an old cluster that cluster")
  func finds() async throws {
    for major in [9, 15, 14] { try install(major: major) }
    #expect(try await find(major: nil).folder == temporary.path + "/15/bin")
    #expect(try await find(major: "14").folder == temporary.path + "/14/bin")
  }

  @Test("Without PostgreSQL the package to install is named")
  func missing() async throws {
    let error = try #require(
      await #expect(throws: LocalStackError.self) { try await find(major: nil) })
    #expect(error.code == .missingProgram)
    #expect(error.message.contains("apt-get install postgresql,"))
  }

  @Test("Where a cluster is of a version that is not installed, that version's package is named")
  func wrongVersion() async throws {
    try install(major: 15)
    let error = try #require(
      await #expect(throws: LocalStackError.self) { try await find(major: "13") })
    #expect(error.code == .missingProgram)
    #expect(error.message.hasSuffix("apt-get install postgresql-13"))
  }
}
