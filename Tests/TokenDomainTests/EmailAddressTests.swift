import Testing
import TokenDomain

@Suite struct EmailAddressTests {
  @Test(
    "An address has one @ with something on each side, and no spaces",
    arguments: [
      "a@b", "ada@example.com", "Ada.L+x@Example.COM", "ü@exämple.de", String(repeating: "a", count: 252) + "@b",
    ])
  func accepted(text: String) {
    #expect(EmailAddress(text)?.text == text)
  }

  @Test(
    "What breaks a rule is no address",
    arguments: [
      "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b ", " a@b", "a@b\n", "a\0@b", "a@\u{A0}b", "a@b\u{7F}", "a@@b",
      String(repeating: "a", count: 253) + "@b",
    ])
  func refused(text: String) {
    #expect(EmailAddress(text) == nil)
  }

  @Test("The length of an address is that of its composed form")
  func length() {
    #expect(EmailAddress(String(repeating: "e\u{301}", count: 126) + "@b") != nil)
    #expect(EmailAddress(String(repeating: "e\u{301}", count: 127) + "@b") == nil)
    #expect(EmailAddress(String(repeating: "\u{301}", count: 1_000_000) + "@b") == nil)
  }

  @Test(
    "The composition of the same characters tells no two addresses apart",
    arguments: [
      ("\u{E5}sa@ex\u{E4}mple.de", "A\u{30A}sa@exa\u{308}mple.de"), ("\u{212B}@x", "\u{E5}@x"),
      ("J\u{30C}@x", "\u{1F0}@x"), ("q\u{323}\u{307}@x", "Q\u{307}\u{323}@x"),
    ])
  func composition(one: String, other: String) throws {
    let (one, other) = (try #require(EmailAddress(one)), try #require(EmailAddress(other)))
    #expect(Array(one.key.utf8) == Array(other.key.utf8))
  }

  @Test("Case alone tells no two addresses apart")
  func caseInsensitivity() {
    #expect(EmailAddress("Ada@Example.COM")?.key == EmailAddress("ada@example.com")?.key)
    #expect(EmailAddress("ÜBER@x.de")?.key == EmailAddress("über@x.de")?.key)
  }
}
