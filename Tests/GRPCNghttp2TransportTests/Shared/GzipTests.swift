import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import Testing

@Suite struct GzipTests {
  @Test("What is compressed comes back", arguments: [0, 1, 17, 16_384, 16_385, 1 << 20])
  func roundTrip(count: Int) throws {
    var generator = SystemRandomNumberGenerator()
    let patterns: [[UInt8]] = [
      Array(repeating: 7, count: count), (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) },
    ]
    for message in patterns {
      #expect(try Gzip.decompress(try Gzip.compress(message), limit: count) == message)
    }
  }

  @Test("A message that grows over the limit is refused, however little of it was sent")
  func bomb() throws {
    let compressed = try Gzip.compress(Array(repeating: 0, count: 4 << 20))
    #expect(compressed.count < 8192)
    let error = #expect(throws: RPCError.self) { try Gzip.decompress(compressed, limit: (4 << 20) - 1) }
    #expect(error?.code == .resourceExhausted)
  }

  @Test("Every damaged or shortened member is refused, and what follows one")
  func damage() throws {
    let message = Array("temporis temporis temporis".utf8)
    let compressed = try Gzip.compress(message)
    for length in 0..<compressed.count {
      #expect(throws: RPCError.self, "\(length) bytes") {
        try Gzip.decompress(Array(compressed.prefix(length)), limit: 1000)
      }
    }
    #expect(throws: RPCError.self) { try Gzip.decompress(compressed + [0], limit: 1000) }
    #expect(throws: RPCError.self) { try Gzip.decompress(compressed + compressed, limit: 1000) }
    #expect(throws: RPCError.self) { try Gzip.decompress(message, limit: 1000) }
    // The checksum and the length at the end (RFC 1952 section 2.3.1) are looked at.
    for index in compressed.indices.suffix(8) {
      var damaged = compressed
      damaged[index] ^= 1
      #expect(throws: RPCError.self) { try Gzip.decompress(damaged, limit: 1000) }
    }
  }

  @Test("A message is framed as compressed only when that makes it shorter")
  func framing() throws {
    let zeros = [UInt8](repeating: 0, count: 1000)
    let (prefix, compressed) = try MessageFraming.encode(zeros, limit: 1000, encoding: .gzip)
    #expect(compressed.count < 100)
    #expect(prefix == HTTP2DataPrefix(bits: 1 << 32 | UInt64(compressed.count), count: 5))
    for (message, encoding) in [(zeros, .identity), ([], .gzip), ([1], .gzip), (Array(0..<200), .gzip)]
      as [([UInt8], MessageEncoding)]
    {
      let (prefix, bytes) = try MessageFraming.encode(message, limit: 1000, encoding: encoding)
      #expect(bytes == message)
      #expect(prefix == HTTP2DataPrefix(bits: UInt64(message.count), count: 5))
    }
    #expect(throws: RPCError.self) { try MessageFraming.encode(zeros, limit: 999, encoding: .gzip) }
  }

  @Test(
    "gzip is found in lists of encodings",
    arguments: [
      ("gzip", true), ("identity,gzip", true), ("identity, gzip ;q=0.5", true), ("identity,deflate", false),
      ("", false), ("gzipped", false), ("x-gzip", false),
    ])
  func acceptList(list: String, isFound: Bool) {
    #expect(MessageEncoding.acceptsGzip(list) == isFound)
  }
}
