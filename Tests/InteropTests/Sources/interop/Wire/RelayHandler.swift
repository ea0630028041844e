import NIOCore

/// Passes what it reads on to the connection at the relay's other side, and notes the messages in it.
final class RelayHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let other: any Channel
  private let direction: WireRecorder.Direction
  private let connection: Int
  private let recorder: WireRecorder
  private var reader: MessageFlagReader

  init(
    to other: any Channel, _ direction: WireRecorder.Direction, connection: Int, recorder: WireRecorder
  ) {
    self.other = other
    self.direction = direction
    self.connection = connection
    self.recorder = recorder
    self.reader = MessageFlagReader(fromClient: direction == .requests)
  }

  func channelActive(context: ChannelHandlerContext) {
    if self.direction == .requests {
      // Nothing can be passed on to a client that is not there yet.
      self.other.setOption(.autoRead, value: true).whenFailure { [other] _ in other.close(promise: nil) }
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = self.unwrapInboundIn(data)
    self.reader.append(bytes) { streamID, flag in
      self.recorder.note(flag, self.direction, connection: self.connection, streamID: streamID)
    }
    self.other.writeAndFlush(bytes, promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.other.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
