import HTTP2Session
import Testing

@Suite struct ConfigurationTests {
  private static var smallest: HTTP2Configuration {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = .min
    configuration.streamWindowBytes = .min
    configuration.connectionWindowBytes = .min
    configuration.maxHeaderListBytes = .min
    configuration.maxQueuedAcknowledgements = .min
    configuration.maxQueuedFrames = .min
    configuration.maxIdleFrames = .min
    configuration.maxResetBurst = .min
    configuration.maxResetsPerSecond = .min
    return configuration
  }

  private static var largest: HTTP2Configuration {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = .max
    configuration.streamWindowBytes = .max
    configuration.connectionWindowBytes = .max
    configuration.maxHeaderListBytes = .max
    configuration.maxQueuedAcknowledgements = .max
    configuration.maxQueuedFrames = .max
    configuration.maxIdleFrames = .max
    configuration.maxResetBurst = .max
    configuration.maxResetsPerSecond = .max
    return configuration
  }

  @Test("Values are clamped to their ranges, and the defaults are within them")
  func clamped() {
    #expect(HTTP2Configuration().clamped == HTTP2Configuration())
    var least = Self.smallest
    least.streamWindowBytes = 0
    least.connectionWindowBytes = 65_535
    least.maxHeaderListBytes = 0
    least.maxQueuedAcknowledgements = 0
    least.maxQueuedFrames = 0
    least.maxIdleFrames = 0
    #expect(Self.smallest.clamped == least)
    var most = Self.largest
    most.maxHeaderListBytes = Int(UInt32.max)
    #expect(Self.largest.clamped == most)
  }

  @Test("A session can be made of any values, and the largest let a call through")
  func sessions() throws {
    _ = try HTTP2Session(role: .client, configuration: Self.smallest)
    _ = try HTTP2Session(role: .server, configuration: Self.smallest)
    var pair = try SessionPair(client: Self.largest, server: Self.largest)
    let id = try pair.request()
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    try pair.client.write(streamID: id, bytes: bytes)
    try pair.client.finish(streamID: id)
    try pair.exchange()
    #expect(pair.serverEvents.payload(id).count == bytes.count)
  }

  @Test("The last stream that there can be has trailers, too")
  func lastStream() throws {
    var configuration = HTTP2Configuration()
    configuration.firstStreamID = .max
    var pair = try SessionPair(client: configuration)
    let id = try pair.request()
    #expect(id == .max)
    try pair.exchange()
    try pair.client.finish(streamID: id, trailers: [HTTP2Field("x", "y")])
    try pair.exchange()
    #expect(pair.serverEvents.sections(id).map(\.endStream) == [false, true])
  }
}
