import FuzzSupport
import HTTP2Session

/// Feeds the rest of the input as a peer's bytes, once whole and once in pieces: both sessions must say the same.
func checkChunking(options: UInt8, _ input: FuzzInput) {
  var input = input
  let role: HTTP2Role = options & 1 == 0 ? .server : .client
  // The one bit that is left stands for all the limits on floods.
  let limits = options >> 2 < 0x10 ? options >> 2 : options >> 2 | HTTP2Configuration.floodOptions
  let configuration = HTTP2Configuration(options: limits)
  var sizes = ChunkSizes(seed: input.byte())
  var bytes = input.remainder()
  if options & 2 == 0 {
    // What every connection starts with, so that the input need not find it: an empty SETTINGS frame.
    let preface = role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
    bytes = preface + [0, 0, 0, 4, 0, 0, 0, 0, 0] + bytes
  }
  let whole = endpoint(role, configuration)
  whole.receive(bytes)
  whole.drain()
  let cut = endpoint(role, configuration)
  for chunk in sizes.chunks(of: bytes) {
    // A session that is over looks at no further piece, but still at the rest of the one that ended it.
    guard !cut.isOver else { return }
    cut.receive(chunk)
  }
  cut.drain()
  // Some of those are looked at once a piece.
  guard limits < 0x10 || !whole.hasFailed && !cut.hasFailed else { return }
  expect(whole.history == cut.history, "\(whole.history)\nin pieces: \(cut.history)")
  expect(whole.output == cut.output, "the answers differ: \(whole.output)\nin pieces: \(cut.output)")
}

private func endpoint(_ role: HTTP2Role, _ configuration: HTTP2Configuration) -> Endpoint {
  let endpoint = Endpoint(role: role, configuration: configuration)
  endpoint.checksPayload = false
  endpoint.recordsHistory = true
  if role == .client {
    // Something to be answered: a finished request, and one whose body is still to come.
    endpoint.request(requestFields, endStream: true)
    endpoint.request(requestFields, endStream: false)
  }
  endpoint.drain()
  return endpoint
}

let requestFields = [
  HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/a/b"),
  HTTP2Field(":authority", "test"),
]

extension HTTP2Configuration {
  /// Limits that end a connection although its peer breaks no rule.
  static let floodOptions: UInt8 = 0x70

  /// Small limits for some inputs: a few bytes must be enough to meet them.
  init(options: UInt8) {
    self.init()
    if options & 1 != 0 {
      self.maxConcurrentStreams = 2
    }
    if options & 2 != 0 {
      self.streamWindowBytes = 100
    }
    if options & 4 != 0 {
      self.connectionWindowBytes = 70_000
    }
    if options & 8 != 0 {
      self.maxHeaderListBytes = 200
    }
    if options & 0x10 != 0 {
      self.maxQueuedAcknowledgements = 10
    }
    if options & 0x20 != 0 {
      self.maxIdleFrames = 20
      self.maxQueuedFrames = 30
    }
    if options & 0x40 != 0 {
      self.maxResetBurst = 3
      self.maxResetsPerSecond = 0
    }
  }
}
