import FuzzSupport
import HTTP2Session

/// One session with its owner's duties done and everything it says checked.
final class Endpoint {
  let role: HTTP2Role
  let configuration: HTTP2Configuration
  private(set) var streams: [Int32: StreamRecord] = [:]
  /// The ids of `streams` in the order they became known.
  private(set) var streamIDs: [Int32] = []
  /// Bytes that the session gave and that the peer hasn't got yet.
  var output: [UInt8] = []
  /// Whether the session threw an error after which its owner closes the connection.
  private(set) var hasFailed = false
  /// What happened, in terms that don't depend on how the bytes were cut.
  private(set) var history: [Occurrence] = []
  /// The code of a GOAWAY received that isn't NO_ERROR.
  private(set) var goAwayError: HTTP2ErrorCode?
  /// Whether payload is checked to be ``Payload``'s.
  var checksPayload = true
  /// Whether ``history`` is kept.
  var recordsHistory = false

  private var session: HTTP2Session
  private var unconsumedConnectionBytes = 0
  private var lastPeerStreamID: Int32 = 0
  /// The last stream id of the latest GOAWAY drained.
  private var toldStreamID = Int32.max
  private var lastKind: UInt32 = 0

  init(role: HTTP2Role, configuration: HTTP2Configuration) {
    self.role = role
    self.configuration = configuration
    do throws(HTTP2Error) {
      self.session = try HTTP2Session(role: role, configuration: configuration)
    } catch {
      fatalError("No session: \(error)")
    }
  }

  /// Whether the connection expects nothing more.
  var isOver: Bool { !self.session.wantsRead }

  /// Feeds a chunk. An owner whose session failed feeds it nothing more.
  func receive(_ chunk: [UInt8]) {
    guard !self.hasFailed else { return }
    var failure: HTTP2Error?
    chunk.withUnsafeBytes { bytes in
      do throws(HTTP2Error) {
        try self.session.receive(bytes)
      } catch {
        failure = error
      }
    }
    // Of what came before the error.
    self.takeEvents(chunk)
    failure.map(self.fail)
  }

  /// Moves what is ready to send to ``output``, at least `limit` bytes if there are as many.
  func drain(upTo limit: Int = .max) {
    var given = 0
    var output = self.output
    do throws(HTTP2Error) {
      let count = try self.session.drain(upTo: limit) { bytes in
        given += bytes.count
        for frame in frames(in: bytes) {
          observeFrame(frame, from: self.role)
          self.checkGoAway(frame)
        }
        output.append(contentsOf: bytes)
      }
      expect(count == given, "drain gave \(given) bytes and returned \(count)")
      expect(limit < .max || !self.session.wantsWrite || count > 0 || self.hasFailed, "wantsWrite, but nothing came")
    } catch {
      self.fail(error)
    }
    self.output = output
    self.takeEvents([])
  }

  /// Does something to the session that may be refused, but not as a broken connection.
  func perform(_ operation: (inout HTTP2Session) throws(HTTP2Error) -> Void) {
    do throws(HTTP2Error) {
      try operation(&self.session)
    } catch {
      expect(!error.isFatal, "\(self.role): an operation failed the connection: \(error)")
    }
  }

  func request(_ fields: [HTTP2Field], endStream: Bool) {
    // A session that is over was closed by its owner.
    guard self.session.wantsRead else { return }
    self.perform { session throws(HTTP2Error) in
      let streamID = try session.submitRequest(fields, endStream: endStream)
      expect(self.streams[streamID] == nil, "stream \(streamID) was given out twice")
      self.know(streamID)
      self.streams[streamID]?.hasFinished = endStream
    }
  }

  /// Writes the next bytes of a stream, the first of them as a prefix.
  func write(_ streamID: Int32, count: Int, prefixCount: Int = 0) {
    let (prefix, bytes) = self.payload(streamID, count: count, prefixCount: prefixCount)
    self.perform { session throws(HTTP2Error) in
      try session.write(streamID: streamID, prefix: prefix, bytes: bytes)
      self.streams[streamID]?.written += prefix.count + bytes.count
    }
  }

  func respond(_ streamID: Int32, _ fields: [HTTP2Field], endStream: Bool) {
    self.perform { session throws(HTTP2Error) in
      try session.submitResponse(streamID: streamID, fields: fields, endStream: endStream)
      self.streams[streamID]?.hasFinished = endStream
    }
  }

  /// Answers with one payload, all at once.
  func respond(_ streamID: Int32, count: Int, prefixCount: Int, trailers: [HTTP2Field]) {
    let (prefix, bytes) = self.payload(streamID, count: count, prefixCount: prefixCount)
    self.perform { session throws(HTTP2Error) in
      try session.submitResponse(
        streamID: streamID, headers: HTTP2Section(preparedResponse), prefix: prefix, bytes: bytes,
        trailers: HTTP2Section(preparedTrailers, trailers))
      self.streams[streamID]?.written += prefix.count + bytes.count
      self.streams[streamID]?.hasFinished = true
    }
  }

  private func payload(_ streamID: Int32, count: Int, prefixCount: Int) -> (HTTP2DataPrefix, [UInt8]) {
    let offset = self.streams[streamID]?.written ?? 0
    let bytes = Payload.bytes(streamID: streamID, offset: offset, count: count)
    let prefix = bytes.prefix(prefixCount)
    let bits = prefix.reduce(0) { $0 << 8 | UInt64($1) }
    return (HTTP2DataPrefix(bits: bits, count: prefix.count), Array(bytes.dropFirst(prefixCount)))
  }

  func finish(_ streamID: Int32, trailers: [HTTP2Field]?) {
    self.perform { session throws(HTTP2Error) in
      try session.finish(streamID: streamID, trailers: trailers)
      self.streams[streamID]?.hasFinished = true
    }
  }

  /// Ends this side with trailers in place of what is unsent.
  func finishNow(_ streamID: Int32, trailers: [HTTP2Field]) {
    self.perform { session throws(HTTP2Error) in
      if try session.finishNow(streamID: streamID, trailers: HTTP2Section(nil, trailers)) {
        self.streams[streamID].map { self.streams[streamID]?.written = $0.taken }
        self.streams[streamID]?.hasFinished = true
      }
    }
  }

  func reset(_ streamID: Int32, code: HTTP2ErrorCode) {
    self.perform { session throws(HTTP2Error) in try session.reset(streamID: streamID, code: code) }
    self.streams[streamID].map { self.streams[streamID]?.written = $0.taken }
  }

  /// Gives back at most `count` of the bytes received on a stream, and as many of the connection's.
  func consume(_ streamID: Int32, count: Int) {
    guard let stream = self.streams[streamID] else { return }
    let count = min(count, stream.received - stream.consumed)
    self.streams[streamID]?.consumed += count
    self.unconsumedConnectionBytes -= count
    self.perform { session throws(HTTP2Error) in try session.consumeStream(streamID, count: count) }
    self.perform { session throws(HTTP2Error) in try session.consumeConnection(count: count) }
  }

  private func fail(_ error: HTTP2Error) {
    expect(error.isFatal, "\(self.role): threw an error that isn't fatal: \(error)")
    self.hasFailed = true
    self.record(.failed)
  }

  /// A GOAWAY disowns what comes after its last stream (RFC 9113 section 6.8): no such stream may have been served, and
  /// no later GOAWAY may take one back.
  private func checkGoAway(_ frame: Slice<UnsafeRawBufferPointer>) {
    guard frame.dropFirst(3).first == 7 else { return }
    let id = Int32(truncatingIfNeeded: frame.dropFirst(9).prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
    expect(id <= self.toldStreamID, "a GOAWAY raised the last stream from \(self.toldStreamID) to \(id)")
    expect(self.role == .client || self.lastPeerStreamID <= id, "told \(id), and served \(self.lastPeerStreamID)")
    self.toldStreamID = id
  }

  private func know(_ streamID: Int32) {
    guard self.streams[streamID] == nil else { return }
    self.streams[streamID] = StreamRecord()
    self.streamIDs.append(streamID)
  }
}

extension Endpoint {
  private func takeEvents(_ chunk: [UInt8]) {
    let events = self.session.takeEvents()
    var end = 0
    for event in events {
      if case .data(_, let range) = event {
        expect(range.lowerBound >= end && range.upperBound <= chunk.count, "\(range) of \(chunk.count) after \(end)")
        end = range.upperBound
      }
      self.note(event, chunk)
    }
    for (streamID, stream) in self.streams where !stream.isClosed {
      let pending = self.session.pendingBytes(streamID: streamID)
      expect(pending == stream.written - stream.taken, "\(pending) bytes pending of \(stream) on \(streamID)")
    }
    if self.role == .server {
      let open = self.streams.values.count { !$0.isClosed }
      expect(open <= Int(self.configuration.maxConcurrentStreams), "\(open) streams are open")
    }
  }

  private func note(_ event: HTTP2Event, _ chunk: [UInt8]) {
    switch event {
    case .headers(let streamID, let fields, let endStream):
      self.noteSection(streamID, endStream)
      let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
      // A byte that isn't UTF-8 arrives as three.
      expect(size <= 3 * self.configuration.maxHeaderListBytes, "a header list of \(size) bytes")
    case .headerListTooLarge(let streamID, let endStream):
      self.noteSection(streamID, endStream)
    case .data(let streamID, let range):
      self.noteData(streamID, chunk[range])
      return
    case .endStream(let streamID):
      self.noteEnd(streamID)
    case .streamClosed(let streamID, _):
      if self.role == .server, self.streams[streamID] == nil {
        // Its header section broke the protocol; the reset may leave after later streams came.
        self.know(streamID)
      }
      let stream = self.openStream(streamID)
      expect(self.session.pendingBytes(streamID: streamID) == 0, "closed \(stream) has bytes pending")
      self.streams[streamID]?.isClosed = true
    case .endStreamSent(let streamID):
      _ = self.openStream(streamID)
    case .dataTaken(let streamID, let count, _):
      let stream = self.openStream(streamID)
      expect(count > 0 && stream.taken + count <= stream.written, "\(count) bytes taken of \(stream)")
      self.streams[streamID]?.taken += count
    case .goAway(_, let code, _):
      if code != .noError {
        self.goAwayError = code
      }
    case .headersNotSent, .settings, .pingAcknowledged:
      break
    }
    self.record(.event(event))
  }

  private func record(_ occurrence: Occurrence) {
    let kind = occurrence.kind
    observe(self.role == .server ? 1 : 0, self.lastKind, kind)
    self.lastKind = kind
    guard self.recordsHistory else { return }
    if case .data(let streamID, let bytes) = occurrence, case .data(streamID, let earlier) = self.history.last {
      self.history[self.history.count - 1] = .data(streamID, earlier + bytes)
    } else {
      self.history.append(occurrence)
    }
  }

  private func noteSection(_ streamID: Int32, _ endStream: Bool) {
    if self.role == .server, self.streams[streamID] == nil {
      expect(streamID % 2 == 1 && streamID > self.lastPeerStreamID, "\(streamID) after \(self.lastPeerStreamID)")
      expect(streamID <= self.toldStreamID, "\(streamID) after a GOAWAY of \(self.toldStreamID)")
      self.lastPeerStreamID = streamID
      self.know(streamID)
    }
    expect(!self.openStream(streamID).hasEnded, "headers after the end of \(streamID)")
    if endStream {
      self.noteEnd(streamID)
    }
  }

  private func noteEnd(_ streamID: Int32) {
    expect(!self.openStream(streamID).hasEnded, "\(streamID) ended twice")
    self.streams[streamID]?.hasEnded = true
  }

  private func noteData(_ streamID: Int32, _ bytes: ArraySlice<UInt8>) {
    let stream = self.openStream(streamID)
    expect(!stream.hasEnded, "data after the end of \(streamID)")
    if self.checksPayload {
      let expected = Payload.bytes(streamID: streamID, offset: stream.received, count: bytes.count)
      expect(bytes == expected[...], "payload of \(streamID) differs after \(stream.received) bytes")
    }
    self.streams[streamID]?.received += bytes.count
    self.unconsumedConnectionBytes += bytes.count
    // Before it knows better, a peer may send what RFC 9113 section 6.9.2 says.
    let window = max(Int(self.configuration.streamWindowBytes), 65_535)
    let held = stream.received + bytes.count - stream.consumed
    expect(held <= window, "\(held) bytes held on \(streamID), over the window of \(window)")
    let connectionWindow = max(Int(self.configuration.connectionWindowBytes), 65_535)
    expect(self.unconsumedConnectionBytes <= connectionWindow, "\(self.unconsumedConnectionBytes) bytes held")
    self.record(.data(streamID, Array(bytes)))
  }

  private func openStream(_ streamID: Int32) -> StreamRecord {
    guard let stream = self.streams[streamID] else { fatalError("\(self.role): unknown stream \(streamID)") }
    expect(!stream.isClosed, "\(self.role): stream \(streamID) is closed already")
    return stream
  }
}

private let preparedResponse = HTTP2PreparedFields([HTTP2Field(":status", "200"), HTTP2Field("x-prepared", "1")])
private let preparedTrailers = HTTP2PreparedFields([HTTP2Field("x-trailer", "1")])

/// Cuts what a session gave at once, which are whole frames, behind the preface if that is there.
private func frames(in bytes: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>] {
  var rest = bytes[...]
  if rest.starts(with: "PRI ".utf8) {
    rest = rest.dropFirst(24)
  }
  var frames: [Slice<UnsafeRawBufferPointer>] = []
  while rest.count >= 9 {
    let length = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
    frames.append(rest.prefix(9 + length))
    rest = rest.dropFirst(9 + length)
  }
  expect(rest.isEmpty, "\(rest.count) bytes of no frame")
  return frames
}

/// Tells which kind of frame a session sent, with the error code of those that end something.
private func observeFrame(_ frame: Slice<UnsafeRawBufferPointer>, from role: HTTP2Role) {
  let bytes = UnsafeRawBufferPointer(rebasing: frame)
  let endsSomething = bytes[3] == 3 || bytes[3] == 7
  observe(role == .server ? 3 : 2, UInt32(bytes[3]), endsSomething ? UInt32(bytes.last ?? 0) : UInt32(bytes[4]))
}
