import ServiceKit
import Testing

/// What a gateway is told of a proxy in front of it.
@Suite struct PublicAddressTests {
  @Test(
    "Networks are read strictly",
    arguments: [
      ("", true), ("10.0.0.0/8", true), ("192.0.2.1", true), ("2001:db8::/32", true), ("::1/128", true),
      ("0.0.0.0/0", true), ("10.0.0.0/8,2001:db8::/32,192.0.2.1", true), ("10.0.0.1/8", false), ("10.0.0.0/33", false),
      ("10.0.0.0/", false), ("10.0.0.0/-1", false), ("10.0.0.0/08", false), ("10.0.0.0/+8", false), ("10.0.0/8", false),
      ("10.0.0.0/8/8", false), ("10.0.0.0/8,", false), ("10.0.0.0/8, 192.0.2.1", false), ("localhost", false),
      ("010.0.0.0/8", false), ("::1%lo", false), ("2001:db8::1/32", false), ("*", false),
      (Array(repeating: "192.0.2.1", count: 65).joined(separator: ","), false),
    ])
  func networks(text: String, isValid: Bool) {
    #expect((TrustedProxies(text) != nil) == isValid)
  }

  @Test("Networks hold the addresses that begin with their bits, of their own family alone")
  func containment() throws {
    let network = try #require(IPNetwork("172.16.0.0/12"))
    let texts = ["172.16.0.0", "172.31.255.255", "::ffff:172.20.0.1", "172.32.0.0", "172.15.255.255", "ac10::"]
    #expect(try texts.map { network.contains(try #require(IPAddress($0))) } == [true, true, true, false, false, false])
    let all = try #require(IPNetwork("::/0"))
    #expect(try all.contains(#require(IPAddress("2001:db8::1"))) && !all.contains(#require(IPAddress("192.0.2.1"))))
  }

  @Test(
    "Origins are read as browsers write them",
    arguments: [
      ("https://API.example.com", "https://api.example.com"),
      ("https://api.example.com:443", "https://api.example.com"),
      ("http://localhost:8080", "http://localhost:8080"), ("http://[::1]:80", "http://[::1]"),
      ("http://[::1]", "http://[::1]"),
      ("http://a_b.internal", "http://a_b.internal"), ("null", nil), ("https://", nil), ("ftp://a", nil),
      ("https://a/b", nil), ("https://a b", nil), ("https://a:0", nil), ("https://a:65536", nil), ("https://a:+1", nil),
      ("https://a:", nil), ("https://a@b", nil), ("https://é", nil), ("", nil),
    ] as [(String, String?)])
  func origins(text: String, origin: String?) {
    #expect(Origin(text)?.description == origin)
  }

  @Test("The public URL may end in a slash, and none is no origin")
  func publicURL() throws {
    let settings = Settings(environment: [:])
    #expect(try settings.value(.publicURL, flag: "https://a.example/")?.description == "https://a.example")
    #expect(try settings.value(.publicURL, flag: nil) == nil)
    let error = #expect(throws: SettingError.self) { try settings.value(.publicURL, flag: "https://a.example/x") }
    #expect(
      error?.description
        == "--public-url must be a URL without a path such as https://api.example.com, not 'https://a.example/x'")
  }
}
