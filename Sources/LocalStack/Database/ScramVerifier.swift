import Crypto
import CryptoExtras
import Foundation

/// What a PostgreSQL server keeps of a password: enough to check it, too little to sign in (RFC 5802, section 3).
enum ScramVerifier {
  /// PostgreSQL's own number.
  private static let rounds = 4_096

  /// Makes the verifier of a password, which must be printable ASCII: SASLprep (RFC 4013) leaves that as it is.
  static func make(password: String) throws -> String {
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    let salted = try KDF.Insecure.PBKDF2.deriveKey(
      from: Data(password.utf8), salt: salt, using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: rounds)
    let clientKey = HMAC<SHA256>.authenticationCode(for: Data("Client Key".utf8), using: salted)
    let serverKey = HMAC<SHA256>.authenticationCode(for: Data("Server Key".utf8), using: salted)
    let storedKey = Data(SHA256.hash(data: Data(clientKey)))
    return "SCRAM-SHA-256$\(rounds):\(salt.base64EncodedString())"
      + "$\(storedKey.base64EncodedString()):\(Data(serverKey).base64EncodedString())"
  }
}
