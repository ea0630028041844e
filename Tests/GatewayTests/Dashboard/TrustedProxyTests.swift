import Gateway
import HTTPTypes
import ServiceKit
import Testing

@Suite struct TrustedProxyTests {
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
}
