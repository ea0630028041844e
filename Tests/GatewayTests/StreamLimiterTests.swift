import Gateway
import NIOEmbedded
import Testing

@Suite struct StreamLimiterTests {
  @Test("All streams together are limited, and from half of that on each connection gets one until others are closed")
  func limits() throws {
    let limiter = StreamLimiter(limit: 8)
    let connections = (0..<6).map { _ in EmbeddedChannel() }
    func open(_ connection: Int) -> EmbeddedChannel? {
      let stream = EmbeddedChannel()
      return limiter.admit(stream, of: connections[connection]) ? stream : nil
    }
    let first = (0..<4).compactMap { _ in open(0) }
    #expect(first.count == 4)
    #expect(open(0) == nil, "it has one, and half are taken")
    let others = (1..<5).compactMap { open($0) }
    #expect(others.count == 4)
    #expect(open(5) == nil, "all are taken")
    _ = try first[0].finish()
    #expect(open(1) == nil, "it has one")
    #expect(open(5) != nil)
    for stream in first.dropFirst() + others { _ = try stream.finish() }
    #expect((0..<3).compactMap { _ in open(1) }.count == 3)
  }
}
