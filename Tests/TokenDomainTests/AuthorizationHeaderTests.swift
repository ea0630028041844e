import Testing
import TokenDomain

@Suite struct AuthorizationHeaderTests {
  @Test(
    "A bearer token is read whatever the scheme's case and however many spaces precede it",
    arguments: [
      ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER abc", "abc"), ("bEaReR   abc", "abc"), ("Bearer a", "a"),
      ("Bearer abc=", "abc="), ("Bearer abc==", "abc=="), ("Bearer -._~+/09azAZ", "-._~+/09azAZ"),
      ("Bearer abc ", "abc"), (" \tBearer abc\t ", "abc"), ("Bearer Bearer", "Bearer"),
    ])
  func bearer(value: String, token: String) {
    guard case .bearer(let read) = AuthorizationHeader(value) else {
      Issue.record("no token was read")
      return
    }
    #expect(read == token)
  }

  @Test(
    "Whatever cannot hold a token is missing",
    arguments: [
      "", " ", "Bearer", "Bearer ", "Bearer\tabc", "Bearer\0abc", "Bearer \tabc", "Bearer\u{A0}abc", "Bearerabc",
      "Bearer  ", "abc",
      "Basic abc", "Token abc", "Bearer: abc", "Bearer=abc", "Bearer,abc", "Bearers abc", "Beare abc", "\"Bearer abc\"",
      "Bearer abc def", "Bearer abc, Bearer def", "Bearer abc,def", "Bearer abc,", "Bearer =", "Bearer ==",
      "Bearer a=b",
      "Bearer =abc", "Bearer \"abc\"", "Bearer abc;", "Bearer abc\0", "Bearer a\0bc", "Bearer abc\r\nX: y",
      "Bearer abc\n",
      "Bearer ab\u{7F}c", "Bearer abç", "Bearer \u{FF41}bc", "Bearer a%20b", "Bearer a@b", "Bearer {abc}",
      "Bearer a\\b",
      "Bearer a:b", "Bearer a*b", "ＢEARER abc", "\u{212A}earer abc", "\u{0}Bearer abc", "Bearer abc\u{301}",
      "Bearer abc\u{200B}", "Bearer \u{FEFF}abc",
    ])
  func missing(value: String) {
    guard case .missing = AuthorizationHeader(value) else {
      Issue.record("a token was read")
      return
    }
  }

  @Test("Every byte is accepted or refused inside a token as RFC 6750 says")
  func alphabet() {
    let allowed = Set(Base62.alphabet + Array("-._~+/".utf8))
    for byte in UInt8(0)..<128 {
      let value = "Bearer a" + String(decoding: [byte], as: UTF8.self) + "b"
      if case .bearer = AuthorizationHeader(value) {
        #expect(allowed.contains(byte))
      } else {
        #expect(!allowed.contains(byte))
      }
    }
  }

  @Test("A very long value is read or refused without harm")
  func longValues() {
    if case .missing = AuthorizationHeader("Bearer " + String(repeating: "a", count: 1_000_000)) {
      Issue.record("a long token is a token")
    }
    if case .bearer = AuthorizationHeader(String(repeating: " ", count: 1_000_000)) {
      Issue.record("spaces are no token")
    }
  }
}
