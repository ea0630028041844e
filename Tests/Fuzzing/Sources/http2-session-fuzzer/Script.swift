import FuzzSupport
import HTTP2Session

/// A client and a server driven by the input: each byte is an operation of one of them or something done to the bytes
/// between them.
struct Script {
  private let client: Endpoint
  private let server: Endpoint
  private var input: FuzzInput
  /// Whether the bytes between them were changed; until then each must be happy with the other.
  private var isTampered = false
  /// The codes that the script itself sends, and so no violation.
  private var hasTerminated = false
  /// Whether limits are so small that a script may be a flood to the one or the other.
  private let mayFlood: Bool

  init(options: UInt8, _ input: FuzzInput) {
    self.mayFlood = options & HTTP2Configuration.floodOptions != 0
    self.client = Endpoint(role: .client, configuration: HTTP2Configuration(options: options & ~0x8))
    self.server = Endpoint(role: .server, configuration: HTTP2Configuration(options: options))
    self.input = input
  }

  mutating func run() {
    // Fewer than a flood, unless an option makes a few one.
    var operations = 0
    while !self.input.isEmpty, operations < 300 {
      let operation = self.input.byte()
      let actor = operation & 0x80 == 0 ? self.client : self.server
      self.perform(operation & 0x7f, actor)
      operations += 1
    }
    self.settle()
  }

  private mutating func perform(_ operation: UInt8, _ actor: Endpoint) {
    switch operation % 21 {
    case 0...2: self.deliver(from: actor, count: .max)
    case 3: self.deliver(from: actor, count: self.input.number(below: 256))
    case 4: actor.drain(upTo: self.input.short())
    case 5...6: self.open(actor)
    case 7: actor.write(self.stream(of: actor), count: self.input.short() & 0x1fff)
    case 8: actor.write(self.stream(of: actor), count: self.input.number(below: 256), prefixCount: 5)
    case 9: self.finish(actor)
    case 10: actor.finishNow(self.stream(of: actor), trailers: self.fields())
    case 11: actor.reset(self.stream(of: actor), code: self.resetCode())
    case 12...13: actor.consume(self.stream(of: actor), count: self.input.short())
    case 14: self.ping(actor)
    case 15: self.goAway(actor)
    case 16: self.injectFrame(from: actor)
    case 17: self.inject(self.input.bytes(self.input.number(below: 64)), from: actor)
    case 18: self.flip(actor)
    case 19: self.respond(actor)
    default: self.drop(actor)
    }
  }

  /// Hands over at most `count` bytes, as one chunk, and returns how many.
  @discardableResult
  private func deliver(from sender: Endpoint, count: Int) -> Int {
    sender.drain()
    let chunk = Array(sender.output.prefix(count))
    sender.output.removeFirst(chunk.count)
    (sender === self.client ? self.server : self.client).receive(chunk)
    self.check()
    return chunk.count
  }

  /// Lets everything that was begun arrive, with every reader reading.
  private mutating func settle() {
    // Each round moves at least one window; 300 operations of 16 KiB through windows of 100 bytes are not waited for.
    for _ in 0..<16 {
      for endpoint in [self.client, self.server] {
        for streamID in endpoint.streamIDs {
          endpoint.consume(streamID, count: .max)
        }
      }
      let moved = self.deliver(from: self.client, count: .max) + self.deliver(from: self.server, count: .max)
      guard moved > 0 else { return self.checkArrivals() }
    }
  }

  /// Whether one of them ended the connection for a flood.
  private var hasFlooded: Bool {
    self.mayFlood && [self.client, self.server].contains { $0.hasFailed || $0.goAwayError == .enhanceYourCalm }
  }

  private func check() {
    guard !self.isTampered else { return }
    for endpoint in [self.client, self.server] {
      expect(!endpoint.hasFailed || self.mayFlood, "\(endpoint.role) failed, and its peer did nothing wrong")
      let isCalmed = self.mayFlood && endpoint.goAwayError == .enhanceYourCalm
      expect(endpoint.goAwayError == nil || self.hasTerminated || isCalmed, "\(endpoint.role) was sent away")
    }
  }

  /// Nothing moves any more: all that was sent has come, and a stream that one side is done with the other is, too.
  private func checkArrivals() {
    guard !self.isTampered, !self.hasTerminated, !self.hasFlooded else { return }
    let open = self.server.streams.values.count { !$0.isClosed }
    for (streamID, request) in self.client.streams {
      guard let response = self.server.streams[streamID] else {
        let isWaiting = open >= Int(self.server.configuration.maxConcurrentStreams)
        expect(request.isClosed || isWaiting, "the request on \(streamID) never left")
        continue
      }
      expect(request.isClosed == response.isClosed, "\(streamID) is closed for one: \(request), \(response)")
      guard !request.isClosed else { continue }
      expect(response.hasAll(of: request), "\(streamID) stopped: \(response) of \(request)")
      expect(request.hasAll(of: response), "\(streamID) stopped: \(request) of \(response)")
    }
  }

  private mutating func open(_ actor: Endpoint) {
    let endStream = self.input.byte() & 1 != 0
    if actor.role == .client {
      actor.request(requestFields + self.fields(), endStream: endStream)
    } else {
      let streamID = self.stream(of: actor)
      actor.respond(streamID, [HTTP2Field(":status", "200")] + self.fields(), endStream: endStream)
    }
  }

  private mutating func respond(_ actor: Endpoint) {
    guard actor.role == .server else { return }
    let streamID = self.stream(of: actor)
    let prefixCount = self.input.number(below: 9)
    let count = self.input.short() & 0x1fff
    actor.respond(streamID, count: count, prefixCount: prefixCount, trailers: self.fields())
  }

  private mutating func finish(_ actor: Endpoint) {
    let streamID = self.stream(of: actor)
    actor.finish(streamID, trailers: self.input.byte() & 1 != 0 ? self.fields() : nil)
  }

  private mutating func ping(_ actor: Endpoint) {
    let payload = UInt64(self.input.byte())
    actor.perform { session throws(HTTP2Error) in try session.ping(payload: payload) }
  }

  private mutating func goAway(_ actor: Endpoint) {
    let choice = self.input.number(below: 3)
    self.hasTerminated = self.hasTerminated || choice == 2
    actor.perform { session throws(HTTP2Error) in
      switch choice {
      case 0 where session.role == .server: try session.submitShutdownNotice()
      case 2: try session.terminate(code: .enhanceYourCalm)
      default: try session.submitGoAway()
      }
    }
  }

  /// A stream that the actor has heard of, closed ones included, as its owner's late operations name; before the first
  /// one that never is.
  private mutating func stream(of actor: Endpoint) -> Int32 {
    let index = Int(self.input.byte())
    return actor.streamIDs.isEmpty ? .max - 1 : actor.streamIDs[index % actor.streamIDs.count]
  }

  /// A code that an owner resets with; the session keeps FLOW_CONTROL_ERROR to itself.
  private mutating func resetCode() -> HTTP2ErrorCode {
    let codes: [HTTP2ErrorCode] = [.cancel, .noError, .refusedStream, .internalError, .protocolError, .enhanceYourCalm]
    return codes[self.input.number(below: codes.count)]
  }

  /// Up to three fields that may be sent.
  private mutating func fields() -> [HTTP2Field] {
    (0..<self.input.number(below: 4)).compactMap { _ in
      let name = "x-" + String(decoding: self.input.bytes(self.input.number(below: 16)), as: UTF8.self).lowercased()
      let value = String(decoding: self.input.bytes(self.input.number(below: 256)), as: UTF8.self)
      return isValidHTTP2Field(name: name, value: value) ? HTTP2Field(name, value) : nil
    }
  }
}

extension Script {
  /// Puts bytes behind what the sender has ready to send.
  private mutating func inject(_ bytes: [UInt8], from sender: Endpoint) {
    self.tamper()
    sender.drain()
    sender.output += bytes
  }

  /// A frame of any type on any stream, with a length that is right.
  private mutating func injectFrame(from sender: Endpoint) {
    let type = self.input.byte() & 0xf
    let flags = self.input.byte()
    let streamID = self.input.byte()
    let payload = self.input.bytes(Int(self.input.byte()))
    self.inject([0, 0, UInt8(payload.count), type, flags, 0, 0, 0, streamID] + payload, from: sender)
  }

  private mutating func flip(_ sender: Endpoint) {
    let index = self.input.short()
    let mask = self.input.byte()
    guard !sender.output.isEmpty else { return }
    self.tamper()
    sender.output[index % sender.output.count] ^= mask
  }

  private mutating func drop(_ sender: Endpoint) {
    let count = self.input.number(below: 256)
    self.tamper()
    sender.output.removeFirst(min(count, sender.output.count))
  }

  private mutating func tamper() {
    self.isTampered = true
    self.client.checksPayload = false
    self.server.checksPayload = false
  }
}
