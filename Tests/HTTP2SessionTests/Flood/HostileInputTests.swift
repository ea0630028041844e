import HTTP2Session
import Testing

@Suite struct HostileInputTests {
  @Test("A header section over the limit is reported without its fields, and the connection lives on")
  func headerLimit() throws {
    var server = HTTP2Configuration()
    server.maxHeaderListBytes = 1000
    var pair = try SessionPair(server: server)
    let id = try pair.request([HTTP2Field("x-long", String(repeating: "a", count: 2000))], endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.contains(.headerListTooLarge(streamID: id, endStream: true)))
    #expect(pair.serverEvents.sections(id).isEmpty)
    let next = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(next).count == 1)
  }

  @Test("Bytes that aren't HTTP/2 are a fatal error")
  func notHTTP2() throws {
    var server = try HTTP2Session(role: .server)
    var events: [RecordedEvent] = []
    let error = #expect(throws: HTTP2Error.self) {
      try deliver(Array("GET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8), to: &server, chunkSize: .max, events: &events)
    }
    #expect(error?.isFatal == true)
  }

  @Test("Random bytes after the preface never crash, and the session ends by itself or goes on", arguments: 0..<200)
  func randomBytes(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var server = try HTTP2Session(role: .server)
    var events: [RecordedEvent] = []
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    try deliver(preface, to: &server, chunkSize: .max, events: &events)
    for _ in 0..<20 {
      // Half of the frames have a plausible header, so that more than the frame parser is reached.
      var bytes = (0..<Int.random(in: 1..<60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if Bool.random(using: &random) {
        let header: [UInt8] = [
          0, 0, UInt8(bytes.count), UInt8.random(in: 0...10, using: &random), UInt8.random(in: 0...255, using: &random),
          0, 0, 0,
          UInt8.random(in: 0...5, using: &random),
        ]
        bytes = header + bytes
      }
      do {
        try deliver(bytes, to: &server, chunkSize: Int.random(in: 1...40, using: &random), events: &events)
        var output: [UInt8] = []
        try server.drain(into: &output)
      } catch let error as HTTP2Error {
        #expect(error.isFatal)
        return
      }
    }
  }

  @Test("A real exchange with one byte changed never crashes", arguments: 0..<300)
  func mutatedBytes(position: Int) throws {
    var pair = try SessionPair()
    let id = try pair.request([HTTP2Field("x-a", "b")])
    try pair.client.write(streamID: id, bytes: Array("hello".utf8))
    try pair.client.finish(streamID: id)
    var bytes: [UInt8] = []
    try pair.client.drain(into: &bytes)
    let index = position % bytes.count
    bytes[index] ^= UInt8(truncatingIfNeeded: 1 << (position / bytes.count % 8))
    var events: [RecordedEvent] = []
    do {
      try deliver(bytes, to: &pair.server, chunkSize: .max, events: &events)
      var output: [UInt8] = []
      try pair.server.drain(into: &output)
    } catch let error as HTTP2Error {
      #expect(error.isFatal)
    }
  }

  @Test("A flood of resets ends the connection")
  func rapidReset() throws {
    var server = HTTP2Configuration()
    server.maxResetBurst = 1000
    server.maxResetsPerSecond = 100
    var pair = try SessionPair(server: server)
    try pair.exchange()
    let error = #expect(throws: HTTP2Error.self) {
      for _ in 0..<5000 {
        let id = try pair.request()
        try pair.exchange()
        try pair.client.reset(streamID: id, code: .cancel)
        try pair.exchange()
      }
    }
    #expect(error?.isFatal == true)
  }

  @Test("Only fields that HTTP/2 can carry are valid")
  func fieldValidity() {
    #expect(isValidHTTP2Field(name: "x-a", value: "plain value"))
    #expect(!isValidHTTP2Field(name: "X A", value: ""))
    #expect(!isValidHTTP2Field(name: "", value: ""))
    #expect(!isValidHTTP2Field(name: "a", value: "line\r\nbreak"))
    #expect(!isValidHTTP2Field(name: "a", value: "nul\0"))
  }
}

/// A small seeded generator, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9e37_79b9_7f4a_7c15
    var z = self.state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
