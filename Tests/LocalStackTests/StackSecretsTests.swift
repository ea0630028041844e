import Foundation
import LocalStack
import Testing

@Suite("The secrets of a stack")
struct StackSecretsTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  @Test("Secrets are made once and kept, readable by their owner alone")
  func keepsSecrets() throws {
    let first = try StackSecrets(folder: temporary.path)
    let second = try StackSecrets(folder: temporary.path)
    #expect(first.ownerPassword == second.ownerPassword)
    #expect(first.tokenPeppers == second.tokenPeppers)
    #expect(first.rolesAreNew && !second.rolesAreNew)
    for name in try FileManager.default.contentsOfDirectory(atPath: temporary.path) {
      #expect(try temporary.mode(of: name) == 0o600, "\(name)")
    }
  }

  @Test("A pepper is a version and 256 bits in hexadecimal digits")
  func pepperFormat() throws {
    let secrets = try StackSecrets(folder: temporary.path)
    #expect(secrets.tokenPeppers.wholeMatch(of: /1:[0-9a-f]{64}/) != nil)
  }

  @Test("The demo password is the same at each start, another in each folder, and in no file")
  func demoPassword() throws {
    let secrets = try StackSecrets(folder: temporary.path)
    let password = secrets.demoPassword(email: "demo@temporis.local")
    #expect(password.count == 24)
    #expect(try StackSecrets(folder: temporary.path).demoPassword(email: "demo@temporis.local") == password)
    let other = try TemporaryFolder()
    #expect(try StackSecrets(folder: other.path).demoPassword(email: "demo@temporis.local") != password)
    for name in try FileManager.default.contentsOfDirectory(atPath: temporary.path) {
      let text = try String(contentsOfFile: temporary.path + "/" + name, encoding: .utf8)
      #expect(!text.contains(password), "\(name)")
    }
  }
}
