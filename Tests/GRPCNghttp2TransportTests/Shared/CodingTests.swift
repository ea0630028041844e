import GRPCCore
import GRPCNghttp2Transport
import Testing

@Suite struct CodingTests {
  @Test(
    "Timeouts are read in every unit",
    arguments: [
      ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
      ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("0n", .zero), ("99999999S", .seconds(99_999_999)),
    ])
  func timeouts(text: String, duration: Duration) {
    #expect(CallTimeout(parsing: text)?.duration == duration)
  }

  @Test(
    "Timeouts are written in the finest unit that eight digits hold, rounded down",
    arguments: [
      (Duration.zero, "0n"), (.nanoseconds(99_999_999), "99999999n"), (.nanoseconds(100_000_999), "100000u"),
      (.seconds(99), "99000000u"), (.seconds(100), "100000m"), (.milliseconds(100_000_001), "100000S"),
      (.seconds(100_000_000), "1666666M"), (.seconds(6_000_000_000), "1666666H"),
      (.seconds(Int64.max), "2562047H"),
    ])
  func timeoutText(duration: Duration, text: String) {
    #expect(CallTimeout(duration: duration).text == text)
  }

  @Test(
    "Malformed timeouts aren't read",
    arguments: ["", "1", "S", "1s", "-1S", "+1S", "1.5S", "123456789S", " 1S", "1 S", "1SS"])
  func badTimeouts(text: String) {
    #expect(CallTimeout(parsing: text) == nil)
  }

  @Test("Messages are percent-encoded as the protocol says")
  func percentEncoding() {
    #expect(PercentEncoding.encode("plain ~ text") == "plain ~ text")
    #expect(PercentEncoding.encode("a%b\né") == "a%25b%0A%C3%A9")
    #expect(PercentEncoding.encode(" a b ") == "%20a b%20")
    #expect(PercentEncoding.decode("a%25b%0a%C3%A9") == "a%b\né")
    #expect(PercentEncoding.decode("100% %zz %4") == "100% %zz %4")
    for scalar in (UInt32(0)..<0x300).compactMap(Unicode.Scalar.init) {
      #expect(PercentEncoding.decode(PercentEncoding.encode(String(scalar))) == String(scalar))
    }
  }

  @Test("Base64 goes both ways for every length, padded or not")
  func base64() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ count) }
      let text = MetadataBase64.encode(bytes)
      #expect(!text.contains("="))
      #expect(MetadataBase64.decode(text) == bytes)
      #expect(MetadataBase64.decode(text + String(repeating: "=", count: (4 - text.count % 4) % 4)) == bytes)
    }
    #expect(MetadataBase64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    #expect(MetadataBase64.decode("Zm9vYg") == Array("foob".utf8))
    #expect(MetadataBase64.decode("a") == nil)
    #expect(MetadataBase64.decode("ab$d") == nil)
  }

  @Test("Endpoints are read and written")
  func endpoints() throws {
    #expect(try SocketEndpoint(parsing: "127.0.0.1:50051") == .host("127.0.0.1", port: 50051))
    #expect(try SocketEndpoint(parsing: "[::1]:0") == .host("::1", port: 0))
    #expect(try SocketEndpoint(parsing: "unix:/tmp/a.sock") == .unixSocket(path: "/tmp/a.sock"))
    for text in ["localhost:1", "[::1]:65535", "unix:/a", "unix:" + String(repeating: "a", count: 103)] {
      #expect(try SocketEndpoint(parsing: text).description == text)
    }
    for text in [
      "", "host", "host:", ":1", "host:65536", "host:-1", "::1:5", "unix:",
      "unix:" + String(repeating: "a", count: 104),
    ] {
      #expect(throws: SocketEndpoint.ParsingError.self) { try SocketEndpoint(parsing: text) }
    }
  }

  @Test("Messages are found wherever the bytes are cut", arguments: 1..<20)
  func deframing(chunk: Int) throws {
    let messages: [[UInt8]] = [[], [1], Array(0..<30), [], [9, 9]]
    let stream = try messages.flatMap { try MessageFraming.frame($0, limit: 100) }
    var deframer = MessageDeframer(limit: 30)
    var found: [MessageDeframer.Message] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(chunk))
      rest = rest.dropFirst(part.count)
      try part.withUnsafeBytes { try deframer.append($0, to: &found) }
    }
    #expect(found.map(\.bytes) == messages)
    #expect(found.allSatisfy { !$0.isCompressed })
    #expect(deframer.isAtBoundary)
  }

  @Test("The delay between attempts to connect grows to its limit, give or take the jitter")
  func backoff() {
    let backoff = ConnectionBackoff()
    for failures in 1..<30 {
      let delay = backoff.delay(failures: failures)
      #expect(delay >= .milliseconds(80))
      #expect(delay <= .seconds(6))
    }
    #expect(backoff.delay(failures: 1) <= .milliseconds(120))
    #expect(backoff.delay(failures: 29) >= .seconds(4))
  }
}
