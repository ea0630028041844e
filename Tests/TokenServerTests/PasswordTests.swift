import ServiceKit
import Testing
import TokenServer

@Suite struct PasswordTests {
  private static let cheap = ScryptParameters(costExponent: 4, blockSize: 1, parallelism: 1)

  @Test("A password's hash is scrypt's (RFC 7914, section 12)")
  func vector() throws {
    let password = try #require(Password("pleaseletmein"))
    let hash = try PasswordHash(
      of: password, salt: Array("SodiumChloride".utf8),
      parameters: ScryptParameters(costExponent: 14, blockSize: 8, parallelism: 1))
    #expect(
      hash.key == [
        0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
        0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
      ])
  }

  @Test("The standard cost works, with 128 MiB and more a hash")
  func standard() async throws {
    let parameters = ScryptParameters.standard
    #expect(128 << parameters.costExponent * parameters.blockSize >= 128 << 20)
    let hasher = PasswordHasher()
    let password = try #require(Password("correct horse battery"))
    let hash = try await hasher.hash(password, as: .signUp, for: nil)
    #expect(hash.parameters == .standard)
    #expect(try await hasher.verify(password, against: hash, for: nil))
  }

  @Test("Only the same password matches, at the cost that its hash was made with")
  func verification() async throws {
    let password = try #require(Password("correct horse battery"))
    let wrong = try #require(Password("correct horse batterx"))
    let hash = try await PasswordHasher(parameters: Self.cheap).hash(password, as: .signUp, for: nil)
    let hasher = PasswordHasher(parameters: ScryptParameters(costExponent: 5, blockSize: 2, parallelism: 2))
    #expect(try await hasher.verify(password, against: hash, for: nil))
    #expect(try await !hasher.verify(wrong, against: hash, for: nil))
    #expect(try await !hasher.verify(password, against: nil, for: nil))
  }

  @Test("Two hashes of one password differ")
  func salts() async throws {
    let hasher = PasswordHasher(parameters: Self.cheap)
    let password = try #require(Password("correct horse battery"))
    let first = try await hasher.hash(password, as: .signUp, for: nil)
    let second = try await hasher.hash(password, as: .signUp, for: nil)
    #expect(first.salt.count == 16 && first.key.count == 32)
    #expect(first.salt != second.salt)
    #expect(first.key != second.key)
  }

  @Test(
    "A password is the same however its characters are composed and whichever spaces it has",
    arguments: [
      ("sm\u{F6}rg\u{E5}sbord", "smo\u{308}rga\u{30A}sbord"), ("\u{212B}ngstr\u{F6}m", "A\u{30A}ngstro\u{308}m"),
      ("\u{D55C}\u{AE00} 8", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF} 8"),
      ("q\u{323}\u{307}1234567", "q\u{307}\u{323}1234567"),
      ("correct horse", "correct\u{A0}horse"), ("correct horse", "correct\u{3000}horse"),
      ("correct horse", "correct\u{2000}horse"),
    ])
  func sameForms(one: String, other: String) throws {
    #expect(try key(one) == key(other))
  }

  @Test(
    "Passwords that differ in case, in width or in the number of spaces are not the same",
    arguments: [
      ("correct horse", "Correct horse"), ("correct horse", "\u{FF43}orrect horse"),
      ("correct horse", "correct  horse"),
      ("correct horse", "correct horse "), ("stra\u{DF}enbahn", "strassenbahn"), ("\u{FB01}nger123", "finger123"),
    ])
  func differentForms(one: String, other: String) throws {
    #expect(try key(one) != key(other))
  }

  @Test("The length of a password is that of its composed form")
  func length() {
    #expect(Password(String(repeating: "e\u{301}", count: 128)) != nil)
    #expect(Password(String(repeating: "e\u{301}", count: 129)) == nil)
    #expect(Password(String(repeating: "\u{3000}", count: 256)) != nil)
    #expect(Password(String(repeating: "\u{3000}", count: 257)) == nil)
    #expect(Password("e\u{301}e\u{301}e\u{301}") == nil)
    #expect(Password("\u{3000}\u{3000}\u{3000}") == nil)
    #expect(Password(String(repeating: "\u{301}", count: 1_000_000)) == nil)
  }

  private func key(_ text: String) throws -> [UInt8] {
    try PasswordHash(of: #require(Password(text)), salt: [1, 2, 3], parameters: Self.cheap).key
  }

  @Test("A password and its hash never show themselves")
  func redaction() throws {
    let password = try #require(Password("correct horse battery"))
    let hash = try PasswordHash(of: password, salt: [1, 2, 3, 4, 5], parameters: Self.cheap)
    for value in [password, hash, [password], Optional(hash) as Any] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      for shown in ["\(value)", String(reflecting: value), dumped] {
        #expect(!shown.contains("correct"))
        #expect(!shown.contains("99, 111, 114"))
        #expect(!shown.contains("1, 2, 3"))
        #expect(!shown.contains("\(hash.key)"))
      }
    }
  }
}
