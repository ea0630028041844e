import ArgumentParser
import Foundation
import GRPCNghttp2Transport
import HTTP2TestSupport
import Logging
import ServiceKit
import TestSupport
import Testing

@Suite struct IdentityOptionsTests {
  private static let variables = [
    "TEMPORIS_IDENTITY_CERTIFICATE", "TEMPORIS_IDENTITY_KEY", "TEMPORIS_IDENTITY_CA",
  ]

  private func identity(
    _ environment: [String: String], flags: [String] = [], of workload: Workload = .tokenService
  ) throws -> WorkloadIdentity? {
    try ServiceOptions.parse(flags).identity(
      of: workload, settings: Settings(environment: environment),
      logger: .silent)
  }

  private func environment(_ files: IdentityFiles) -> [String: String] {
    Dictionary(uniqueKeysWithValues: zip(Self.variables, [files.certificate, files.key, files.authorities]))
  }

  private func error(_ environment: [String: String], of workload: Workload = .tokenService) throws -> String {
    try #require(throws: SettingError.self) { try identity(environment, of: workload) }.description
  }

  @Test("Without a file there is no identity, and with all three there is the certificate's") func all() throws {
    #expect(try identity([:]) == nil)
    #expect(try identity(["TEMPORIS_IDENTITY_KEY": ""]) == nil)
    let authority = try TestAuthority()
    let identity = try identity(environment(authority.files(of: "token-service")))
    #expect(identity?.uri == "spiffe://temporis.test/token-service")
  }

  @Test("A flag wins over its variable") func flags() throws {
    let authority = try TestAuthority()
    var environment = environment(try authority.files(of: "token-service"))
    let certificate = try #require(environment["TEMPORIS_IDENTITY_CERTIFICATE"])
    environment["TEMPORIS_IDENTITY_CERTIFICATE"] = "/nowhere"
    #expect(try identity(environment, flags: ["--identity-certificate", certificate]) != nil)
  }

  @Test("A part of the files is an error that names one that is missing", arguments: variables)
  func parts(_ missing: String) throws {
    let authority = try TestAuthority()
    var environment = environment(try authority.files(of: "token-service"))
    environment[missing] = nil
    #expect(try error(environment).contains("\(missing)) is required"))
    environment = environment.filter { $0.key == Self.variables.first { $0 != missing } }
    #expect(try error(environment).contains(") is required"))
  }

  @Test("A file that can't be read, or isn't what it should be, is one line that names it", arguments: variables)
  func unusable(_ variable: String) throws {
    let authority = try TestAuthority()
    var environment = environment(try authority.files(of: "token-service"))
    environment[variable] = "/nowhere/at/all"
    let missing = try error(environment)
    #expect(missing.contains("\(variable)) names '/nowhere/at/all', which cannot be read as"))
    #expect(!missing.contains("\n"))
    let path = try authority.files(of: "spoilt").key
    try Data("hunter2".utf8).write(to: URL(filePath: path))
    environment[variable] = path
    let spoilt = try error(environment)
    #expect(spoilt.contains("\(variable)) names '\(path)', which cannot be read as"))
    #expect(!spoilt.contains("hunter2"))
  }

  @Test("A key that isn't the certificate's is an error") func mismatch() throws {
    let authority = try TestAuthority()
    var files = try authority.files(of: "token-service")
    files.key = try authority.files(of: "token-service").key
    #expect(try error(environment(files)).hasSuffix("which does not hold the certificate's key"))
  }

  @Test("Another workload's certificate is an error that names both") func otherWorkload() throws {
    let authority = try TestAuthority()
    let message = try error(environment(authority.files(of: "predict-service")))
    #expect(message.hasSuffix("is of 'spiffe://temporis.test/predict-service', and this is token-service"))
  }
}
