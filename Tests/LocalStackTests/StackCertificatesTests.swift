import Crypto
import Foundation
import GRPCNghttp2Transport
import LocalStack
import ServiceKit
import SwiftASN1
import Testing
import X509

@Suite("The identities of a running stack")
struct StackCertificatesTests {
  private let temporary: TemporaryFolder
  private let folder: CertificateFolder
  private let now = Date(timeIntervalSince1970: 1_800_000_000)

  init() throws {
    temporary = try TemporaryFolder()
    folder = DataFolder(path: temporary.path).certificates
  }

  private func start() throws -> StackCertificates {
    try StackCertificates(folder: folder, lifetime: .seconds(100), at: now)
  }

  private func certificate(_ path: String) throws -> Certificate {
    try Certificate(pemEncoded: String(contentsOfFile: path, encoding: .utf8))
  }

  @Test(
    "Each workload has a certificate and its key in a folder that only the owner may open; the authority's key is in none"
  )
  func files() throws {
    let certificates = try start()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names
        == (["ca.pem"] + Workload.allCases.flatMap { ["\($0.rawValue).key", "\($0.rawValue).pem"] }).sorted())
    #expect(try temporary.mode(of: "tls") == 0o700)
    let authority = try certificate(folder.path + "/ca.pem")
    for name in names {
      #expect(try temporary.mode(of: "tls/" + name) == 0o600, "\(name)")
      guard name.hasSuffix(".key") else { continue }
      let text = try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
      let key = try P256.Signing.PrivateKey(pemRepresentation: text).publicKey.rawRepresentation
      #expect(P256.Signing.PublicKey(authority.publicKey)?.rawRepresentation != key)
      let leaf = try certificate(folder.path + "/" + name.dropLast(4) + ".pem")
      #expect(P256.Signing.PublicKey(leaf.publicKey)?.rawRepresentation == key)
      #expect(authority.publicKey.isValidSignature(leaf.signature, for: leaf))
    }
    certificates.end()
  }

  @Test("They are renewed when half of their time has passed, by the same authority, and not before")
  func renewal() throws {
    let certificates = try start()
    let path = folder.files(of: .authVerifier).certificate
    let (authority, first) = (try certificate(folder.path + "/ca.pem"), try certificate(path))
    #expect(try !certificates.renewIfDue(at: now + 49))
    #expect(try certificate(path) == first)
    #expect(try certificates.renewIfDue(at: now + 51))
    let second = try certificate(path)
    #expect(second.notValidAfter == now + 151)
    #expect(second.publicKey != first.publicKey)
    #expect(authority.publicKey.isValidSignature(second.signature, for: second))
    #expect(try certificate(folder.path + "/ca.pem") == authority)
    #expect(try temporary.mode(of: "tls/auth-verifier.key") == 0o600)
    #expect(try !certificates.renewIfDue(at: now + 99))
    #expect(try certificates.renewIfDue(at: now + 102))
    certificates.end()
  }

  @Test("A clock that is set back an hour needs no new ones")
  func clockSetBack() throws {
    let certificates = try start()
    let hourBefore = now - 3_600
    #expect(try !certificates.renewIfDue(at: hourBefore))
    for workload in Workload.allCases {
      #expect(try certificate(folder.files(of: workload).certificate).notValidBefore < hourBefore)
    }
    certificates.end()
  }

  @Test("Those that begin after now are made anew, by the same authority")
  func clockSetFarBack() throws {
    let certificates = try start()
    let path = folder.files(of: .predictService).certificate
    let (authority, first) = (try certificate(folder.path + "/ca.pem"), try certificate(path))
    let weekBefore = now - 7 * 86_400
    #expect(first.notValidBefore > weekBefore)
    #expect(try certificates.renewIfDue(at: weekBefore))
    let second = try certificate(path)
    #expect(second.notValidBefore < weekBefore && second.notValidAfter == weekBefore + 100)
    #expect(authority.notValidBefore < weekBefore)
    #expect(authority.publicKey.isValidSignature(second.signature, for: second))
    // From then on they are renewed by the new time.
    #expect(try !certificates.renewIfDue(at: weekBefore + 49))
    #expect(try certificates.renewIfDue(at: weekBefore + 51))
    certificates.end()
  }

  @Test("A renewal that cannot be written is due until it can") func failure() throws {
    let certificates = try start()
    // A folder that is gone is what also root cannot write to.
    try FileManager.default.moveItem(atPath: folder.path, toPath: folder.path + ".away")
    #expect(throws: LocalStackError.self) { try certificates.renewIfDue(at: now + 51) }
    try FileManager.default.moveItem(atPath: folder.path + ".away", toPath: folder.path)
    #expect(try certificates.renewIfDue(at: now + 52))
    certificates.end()
  }

  @Test("They go with the stack, and what an earlier one left is not used again")
  func end() throws {
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: false)
    try temporary.write("old", to: "tls/ca.pem")
    try temporary.write("old", to: "tls/other.key")
    let certificates = try start()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains("other.key"))
    #expect(try certificate(folder.path + "/ca.pem").notValidBefore < now)
    certificates.end()
    #expect(!FileManager.default.fileExists(atPath: folder.path))
    #expect(try !certificates.renewIfDue(at: now + 1_000))
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }
}
