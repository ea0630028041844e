import Crypto
import Foundation

/// The random secrets of one stack, made at the first start and kept in its data folder.
package struct StackSecrets: Sendable {
  /// The password of the database's owner role.
  package let ownerPassword: String
  /// The password of the token service's role.
  package let tokenRolePassword: String
  /// The password of the predict service's role.
  package let predictRolePassword: String
  /// The token service's peppers, `VERSION:HEX`.
  package let tokenPeppers: String
  /// True when a role's password was made now, so that an older cluster does not know it yet.
  package let rolesAreNew: Bool

  private let demoSeed: String

  /// Reads the secrets of a data folder, making those that are missing.
  package init(folder: String) throws {
    var made: Set<String> = []
    func secret(_ name: String, _ make: () -> String) throws -> String {
      let path = folder + "/" + name
      if let text = try? String(contentsOfFile: path, encoding: .utf8), !text.trimmed.isEmpty { return text.trimmed }
      guard !FileManager.default.fileExists(atPath: path) else {
        throw LocalStackError(.dataFolder, "\(path) cannot be read: run `temporis up` as the user who owns it")
      }
      let text = make()
      try DataFolder.write(text + "\n", to: path, mode: 0o600)
      made.insert(name)
      return text
    }
    ownerPassword = try secret("database-owner-password") { Self.randomHex(bytes: 24) }
    tokenRolePassword = try secret("database-token-password") { Self.randomHex(bytes: 24) }
    predictRolePassword = try secret("database-predict-password") { Self.randomHex(bytes: 24) }
    rolesAreNew = !made.isEmpty
    tokenPeppers = try secret("token-peppers") { "1:" + Self.randomHex(bytes: 32) }
    demoSeed = try secret("demo-seed") { Self.randomHex(bytes: 32) }
  }

  /// The password of an account of the stack's own, the demo's or the operator's. It is derived and not kept, so that
  /// no file but `ready.json` holds it.
  package func demoPassword(email: String) -> String {
    String(derived("password of \(email)").prefix(24))
  }

  /// How to sign in as the demo account.
  var demoSignIns: [DemoAccount.SignIn] { signIns(as: "demo") }

  /// How to sign in as the operator's account.
  var operatorSignIns: [DemoAccount.SignIn] { signIns(as: "operator") }

  /// In a database that another data folder was used with before, the plain address has that folder's password: then a
  /// tag is added to the address.
  private func signIns(as name: String) -> [DemoAccount.SignIn] {
    ["\(name)@temporis.local", "\(name)+\(derived("tag").prefix(8))@temporis.local"].map {
      DemoAccount.SignIn(email: $0, password: demoPassword(email: $0))
    }
  }

  private func derived(_ purpose: String) -> String {
    let key = SymmetricKey(data: Data(demoSeed.utf8))
    return Self.hex(HMAC<SHA256>.authenticationCode(for: Data(purpose.utf8), using: key))
  }

  private static func randomHex(bytes: Int) -> String {
    // Linux: getrandom(2).
    var generator = SystemRandomNumberGenerator()
    return hex((0..<bytes).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
  }
}
