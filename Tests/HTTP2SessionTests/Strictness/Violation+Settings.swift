import HTTP2Session
import HTTP2TestSupport

extension Violation {
  /// RFC 9113 sections 6.5 to 6.5.3.
  static func settings(_ role: HTTP2Role) -> [Violation] {
    [
      Self("9113 6.5", "SETTINGS on a stream", Wire.frame(4, stream: 1), .connectionError(.protocolError)),
      Self(
        "9113 6.5", "the ACK of SETTINGS with a payload", Wire.settings([(4, 1)], flags: .ack),
        .connectionError(.frameSizeError)),
      Self(
        "9113 6.5", "SETTINGS of 7 bytes", Wire.frame(4, [0, 4, 0, 0, 0, 1, 0]), .connectionError(.frameSizeError)),
      Self(
        "9113 6.5.3", "the ACK of SETTINGS that were never sent", Wire.settings(flags: .ack),
        .connectionError(.protocolError)),
      Self("9113 6.5.2", "ENABLE_PUSH of 2", Wire.settings([(2, 2)]), .connectionError(.protocolError)),
      Self(
        "9113 6.5.2", "ENABLE_PUSH of 1, which only a client may send", Wire.settings([(2, 1)]),
        role == .server ? .accepted : .connectionError(.protocolError)),
      Self("9113 6.5.2", "ENABLE_PUSH of 0", Wire.settings([(2, 0)]), .accepted),
      Self(
        "9113 6.5.2", "INITIAL_WINDOW_SIZE of 2^31", Wire.settings([(4, 1 << 31)]),
        .connectionError(.flowControlError)),
      Self("9113 6.5.2", "INITIAL_WINDOW_SIZE of 2^31 - 1", Wire.settings([(4, 1 << 31 - 1)]), .accepted),
      Self(
        "9113 6.5.2", "MAX_FRAME_SIZE of 16,383", Wire.settings([(5, 16_383)]), .connectionError(.protocolError)),
      Self("9113 6.5.2", "MAX_FRAME_SIZE of 2^24", Wire.settings([(5, 1 << 24)]), .connectionError(.protocolError)),
      Self("9113 6.5.2", "MAX_FRAME_SIZE of 2^24 - 1", Wire.settings([(5, 1 << 24 - 1)]), .accepted),
      Self("9113 6.5.2", "HEADER_TABLE_SIZE of 0", Wire.settings([(1, 0)]), .accepted),
      Self("9113 6.5.2", "an unknown setting", Wire.settings([(0xfafa, .max)]), .accepted),
      Self("9113 6.5.3", "the same setting twice", Wire.settings([(4, 1), (4, 70_000)]), .accepted),
    ]
  }

  /// RFC 9113 sections 6.9 to 6.9.2, what the peer sends; how windows are kept is in WindowTests.
  static func flowControl(_ role: HTTP2Role) -> [Violation] {
    let overflow = UInt32(1 << 31 - 1)
    // Four frames make up the stream's window of 65,535 bytes less one.
    let almostAll = Wire.data(1, [UInt8](repeating: 0, count: 16_384))
    return [
      Self(
        "9113 6.9", "WINDOW_UPDATE of 0 on the connection", Wire.windowUpdate(0, by: 0),
        .connectionError(.protocolError)),
      Self("9113 6.9", "WINDOW_UPDATE of 0 on a stream", Wire.windowUpdate(1, by: 0), .connectionError(.protocolError)),
      Self(
        "9113 6.9", "WINDOW_UPDATE of 3 bytes", Wire.frame(8, stream: 1, [0, 0, 1]), .connectionError(.frameSizeError)),
      Self(
        "9113 6.9", "WINDOW_UPDATE of 5 bytes", Wire.frame(8, stream: 1, [0, 0, 0, 0, 1]),
        .connectionError(.frameSizeError)),
      Self("9113 6.9", "WINDOW_UPDATE with the reserved bit", Wire.windowUpdate(1, by: 1 << 31 | 1), .accepted),
      Self(
        "9113 6.9.1", "a connection window beyond 2^31 - 1", Wire.windowUpdate(0, by: overflow),
        .connectionError(.flowControlError)),
      Self(
        "9113 6.9.1", "a stream window beyond 2^31 - 1", Wire.windowUpdate(1, by: overflow),
        .connectionError(.flowControlError)),
      Self(
        "9113 6.9.1", "more DATA than the stream's window", almostAll + almostAll + almostAll + almostAll,
        .connectionError(.flowControlError)),
      Self(
        "9113 6.9.2", "an initial window that takes a stream's beyond 2^31 - 1",
        Wire.windowUpdate(1, by: overflow - 65_535) + Wire.settings([(4, 65_536)]),
        .connectionError(.flowControlError)),
    ]
  }
}
