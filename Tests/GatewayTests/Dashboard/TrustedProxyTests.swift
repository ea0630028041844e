import Gateway
import HTTPTypes
import ServiceKit
import Testing

@Suite struct TrustedProxyTests {
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

  @Test(
    "The client is the last address that is no proxy's; what stands before it is its own word",
    arguments: [
      ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
      ("10.0.0.1", ["203.0.113.9, 10.9.9.9"], "203.0.113.9"), ("10.0.0.1", ["203.0.113.9", "10.9.9.9"], "203.0.113.9"),
      ("10.0.0.1", ["2001:db8::9"], "2001:db8::9"), ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
      ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
      // Nobody is believed further than the first text that is no address.
      ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1"), ("10.0.0.1", ["203.0.113.9, x, 10.0.0.2"], "10.0.0.2"),
      ("10.0.0.1", ["203.0.113.9:4711"], "10.0.0.1"), ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
      ("10.0.0.1", [String(repeating: "203.0.113.9,", count: 500)], "10.0.0.1"),
    ] as [(String, [String], String)])
  func clientAddress(peer: String, fields: [String], client: String) throws {
    let proxies = try #require(TrustedProxies("10.0.0.0/8"))
    let name = try #require(HTTPField.Name("X-Forwarded-For"))
    let headers = HTTPFields(fields.map { HTTPField(name: name, value: $0) })
    let address = try proxies.clientAddress(headers, from: #require(IPAddress(peer)))
    #expect(address.description == client)
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
}
