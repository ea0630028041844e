import Testing
import TokenDomain

@Suite struct RedactionTests {
  @Test("What holds a secret, a hash or a pepper never shows it")
  func redaction() throws {
    let secret = Secret(kind: .accessToken)
    let hash = SecretHash(secret)
    let pepper = try #require(Pepper(version: 1, key: [UInt8](repeating: 0xAB, count: 32)))
    let keyed = pepper.keyedHash(of: hash)
    let peppers = try #require(PepperSet(current: pepper))
    let values: [Any] = [
      secret, hash, pepper, keyed, peppers, AuthorizationHeader("Bearer \(secret.revealed)"), Optional(secret) as Any,
      PresentedSecret(authorization: "Bearer \(secret.revealed)"), [secret], ["secret": secret], (secret, hash),
    ]
    let forbidden = [
      secret.revealed, String(secret.revealed.dropFirst(3).prefix(8)), "\(hash.bytes)", "\(keyed.bytes)",
      hash.bytes.hexadecimal, keyed.bytes.hexadecimal, "171, 171", "abab",
    ]
    for value in values {
      var dumped = ""
      dump(value, to: &dumped)
      for shown in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
        for text in forbidden { #expect(!shown.contains(text)) }
      }
    }
  }
}
