import SystemSupport
import Testing
import TokenDomain

/// What SECURITY.md tells the authors of secret scanners.
@Suite struct SecretPatternTests {
  /// The pattern of a kind of secret, as the table has it.
  private static func pattern(of secret: String) throws -> Regex<AnyRegexOutput> {
    let row = try #require(
      Readme.text(of: "SECURITY.md").split(separator: "\n").first { $0.hasPrefix("| \(secret) |") })
    return try Regex(String(try #require(row.firstMatch(of: /`([^`]+)`/)).output.1))
  }

  /// The check digits by the words of the document: CRC-32 bit by bit (RFC 1952, section 8), in base 62.
  private static func checkDigits(of text: some StringProtocol) -> String {
    var sum = UInt32.max
    for byte in text.utf8 {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    sum = ~sum
    let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    var text = ""
    for _ in 0..<6 {
      text = String(digits[Int(sum % 62)]) + text
      sum /= 62
    }
    return text
  }

  @Test(
    "Every secret matches its documented pattern and check digits, and not the other kind's",
    arguments: [("access token", SecretKind.accessToken, 52), ("dashboard session", .dashboardSession, 53)])
  func secrets(_ name: String, _ kind: SecretKind, _ count: Int) throws {
    let pattern = try Self.pattern(of: name)
    let other = try Self.pattern(of: kind == .accessToken ? "dashboard session" : "access token")
    for _ in 0..<200 {
      let secret = Secret(kind: kind).revealed
      // Compared apart, so that a failure prints no secret.
      let matches = try pattern.wholeMatch(in: secret) != nil
      let isOther = try other.firstMatch(in: secret) != nil
      let isChecked = Self.checkDigits(of: secret.dropLast(6)) == secret.suffix(6)
      #expect(matches && !isOther && isChecked && secret.count == count)
    }
  }

  @Test("The documented examples match the patterns, and have right and wrong check digits as they say")
  func examples() throws {
    let block = try Readme.block("text", holding: "NotARealToken", in: "SECURITY.md")
    var kinds: [String: Int] = [:]
    for line in block.split(separator: "\n") {
      let (example, words) = (String(line.prefix { $0 != " " }), line.drop { $0 != " " })
      let pattern = try Self.pattern(of: example.hasPrefix("ts_") ? "access token" : "dashboard session")
      #expect(try pattern.wholeMatch(in: example) != nil, "\(line)")
      let isWellFormed = words.contains("well formed, and nobody's")
      #expect(isWellFormed != words.contains("wrong check digits"), "\(line)")
      #expect((Secret(example) != nil) == isWellFormed, "\(line)")
      #expect((Self.checkDigits(of: example.dropLast(6)) == example.suffix(6)) == isWellFormed, "\(line)")
      kinds["\(example.prefix { $0 != "_" }) \(isWellFormed)", default: 0] += 1
    }
    #expect(kinds == ["ts true": 1, "ts false": 1, "tss true": 1, "tss false": 1])
  }
}
