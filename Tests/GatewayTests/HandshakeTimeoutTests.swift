import Gateway
import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@Suite struct HandshakeTimeoutTests {
  private func channel() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: HandshakeTimeoutHandler(timeout: .seconds(10)))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  @Test("A connection whose handshake is not over in time is closed, and not before")
  func late() throws {
    let channel = try channel()
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
  }

  @Test("A connection that has shaken hands outlives the time that it had for that")
  func inTime() throws {
    let channel = try channel()
    channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    _ = try channel.finish()
  }
}
