import Testing
import TokenDomain

@Suite struct SecretTests {
  private static let token = "ts_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg3URPp2"
  private static let session = "tss_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1r8Hqa"

  @Test("A new secret has its kind's prefix, 49 base62 digits, and is read back", arguments: SecretKind.allCases)
  func creation(kind: SecretKind) throws {
    for _ in 0..<1_000 {
      let secret = Secret(kind: kind)
      let text = secret.revealed
      #expect(text.hasPrefix(kind.prefix))
      #expect(text.utf8.count == kind.prefix.utf8.count + 49)
      #expect(text.utf8.dropFirst(kind.prefix.utf8.count).allSatisfy(Base62.isDigit))
      let read = try #require(Secret(text))
      #expect(read.kind == kind)
      #expect(read.revealed == text)
    }
  }

  @Test("An access token matches ^ts_[0-9A-Za-z]{49}$")
  func pattern() throws {
    let pattern = try Regex("^ts_[0-9A-Za-z]{49}$")
    #expect(Secret(kind: .accessToken).revealed.wholeMatch(of: pattern) != nil)
  }

  @Test(
    "Check digits are those that zlib's CRC-32 gives, padded with zeros",
    arguments: [
      (token, .accessToken), (session, .dashboardSession),
      ("ts_q4fcSvWarSwxCxxHWHzmWSCGzUh58BZFLfH8r4Wn8vs00hNm7", .accessToken),
    ] as [(String, SecretKind)])
  func knownSecrets(text: String, kind: SecretKind) {
    #expect(Secret(text)?.kind == kind)
  }

  @Test("A change of any one character is noticed")
  func typingErrors() {
    let text = Array(Secret(kind: .accessToken).revealed.utf8)
    for index in text.indices {
      for digit in Base62.alphabet + Array("_-. =".utf8) where digit != text[index] {
        var changed = text
        changed[index] = digit
        #expect(Secret(String(decoding: changed, as: UTF8.self)) == nil)
      }
    }
  }

  @Test("Two neighbours in the wrong order are noticed")
  func transpositions() {
    let text = Array(Secret(kind: .accessToken).revealed.utf8)
    for index in text.indices.dropLast() where text[index] != text[index + 1] {
      var changed = text
      changed.swapAt(index, index + 1)
      #expect(Secret(String(decoding: changed, as: UTF8.self)) == nil)
    }
  }

  @Test(
    "Another shape is no secret",
    arguments: [
      "", "ts_", "tss_", "abc", String(token.dropLast()), token + "0", " " + token, token + " ", token + "\n",
      "TS_" + token.dropFirst(3), "ts-" + token.dropFirst(3), String(token.dropFirst(3)), "tss_" + token.dropFirst(3),
      "ts_" + session.dropFirst(4), "ts_" + String(repeating: "é", count: 49),
      "ts_" + String(repeating: "\0", count: 49),
      "ts_" + String(repeating: "0", count: 100_000), token.uppercased(), token + token,
      token.replacing("0123", with: "０１２３"),
    ])
  func hostileInput(text: String) {
    #expect(Secret(text) == nil)
  }

  @Test("No two secrets are alike")
  func uniqueness() {
    #expect(Set((0..<10_000).map { _ in Secret(kind: .accessToken).revealed }).count == 10_000)
  }

  @Test("The last four characters are those of the text")
  func lastFour() {
    #expect(Secret(Self.token)?.lastFour == "RPp2")
  }

  @Test("SHA-256 covers the whole secret, prefix and check digits included")
  func hash() throws {
    let hash = SecretHash(try #require(Secret(Self.token)))
    #expect(hash.bytes.hexadecimal == "10332948e7d0c62912b1cd33f665434c390fd1bb4f37f09670ce110ac09687cc")
  }

  @Test("Only 32 bytes are a hash", arguments: [0, 31, 33, 64])
  func hashLength(count: Int) {
    #expect(SecretHash(bytes: [UInt8](repeating: 1, count: count)) == nil)
    #expect(SecretHash(bytes: [UInt8](repeating: 1, count: 32)) != nil)
  }
}

extension [UInt8] {
  var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
