/// What nghttp2's callbacks write to: events, and the bytes that streams have to send.
///
/// It is the callbacks' user data and lives exactly as long as the session that owns it. No class, because every access
/// to a variable of one is checked at run time, which is much where each field of each call comes by.
struct SessionRecorder {
  var events: [HTTP2Event] = []
  var outbound = StreamTable<OutboundStream>()
  var history: StreamHistory
  /// The last stream id of the latest GOAWAY sent; the highest id before the first.
  var refusedAbove = Int32.max
  /// Where the bytes being received start, to turn nghttp2's pointers into offsets.
  var receivedBase: UnsafePointer<UInt8>?
  var flood: FloodGuard
  /// The frames that may wait to be sent.
  let maxQueuedFrames: Int

  private let maxHeaderListBytes: Int
  private var fields = FieldStorage()
  private var headerStreamID: Int32 = 0
  private var firstEntry = 0
  private var headerListBytes = 0
  private var headerSections: UInt64 = 0
  /// The most events for which memory is kept.
  private static let keptEvents = 1024
  /// Whether the DATA frame being received has brought any.
  var hasReceivedPayload = false

  init(role: HTTP2Role, _ configuration: HTTP2Configuration) {
    self.history = StreamHistory(role: role)
    self.maxHeaderListBytes = configuration.maxHeaderListBytes
    self.maxQueuedFrames = configuration.maxQueuedFrames
    let resets = TokenBucket(burst: configuration.maxResetBurst, perSecond: configuration.maxResetsPerSecond)
    self.flood = FloodGuard(limit: configuration.maxIdleFrames, resets: role == .server ? resets : nil)
  }

  mutating func takeEvents() -> [HTTP2Event] {
    var taken: [HTTP2Event] = []
    swap(&taken, &self.events)
    return taken
  }

  /// Keeps the memory of past events while the connection is in use.
  mutating func reuse(_ past: consuming [HTTP2Event]) {
    guard self.events.isEmpty, !self.outbound.isEmpty, past.capacity <= Self.keptEvents else { return }
    past.removeAll(keepingCapacity: true)
    self.events = past
  }

  /// The number of the section that has begun and isn't complete.
  var incompleteHeaderSection: UInt64? { self.headerStreamID == 0 ? nil : self.headerSections }

  /// The memory of received fields, those of past events included while nothing more was received.
  var heldFieldBytes: Int { self.fields.heldBytes }

  /// Makes sure that what is appended next changes nothing that anybody still holds.
  mutating func beginReceiving() {
    if self.headerStreamID != 0 {
      self.keepIncompleteSection()
    } else if isKnownUniquelyReferenced(&self.fields) {
      self.fields.removeAll()
    } else {
      self.fields = FieldStorage()
    }
  }

  /// Holds on to no more than what is needed if the peer sends nothing for long: what came lives as long as its events.
  mutating func endReceiving() {
    guard self.fields.isLarge else { return }
    if self.headerStreamID != 0 {
      self.keepIncompleteSection()
    } else {
      self.fields = FieldStorage()
    }
  }

  private mutating func keepIncompleteSection() {
    self.fields = FieldStorage(copying: self.firstEntry..<self.fields.count, of: self.fields)
    self.firstEntry = 0
  }

  mutating func beginHeaders(streamID: Int32) {
    self.headerStreamID = streamID
    self.headerSections += 1
    self.firstEntry = self.fields.count
    self.headerListBytes = 0
  }

  /// Collects a field, or only counts it once the section is over its limit.
  mutating func header(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    self.headerListBytes += name.count + value.count + 32
    guard self.headerListBytes <= self.maxHeaderListBytes else {
      self.fields.truncate(to: self.firstEntry)
      return
    }
    self.fields.append(name: name, value: value)
  }

  mutating func endHeaders(streamID: Int32, endStream: Bool) {
    guard streamID == self.headerStreamID else { return }
    self.headerStreamID = 0
    if self.headerListBytes > self.maxHeaderListBytes {
      self.events.append(.headerListTooLarge(streamID: streamID, endStream: endStream))
    } else {
      let fields = HTTP2Fields(self.fields, entries: self.firstEntry..<self.fields.count)
      self.events.append(.headers(streamID: streamID, fields: fields, endStream: endStream))
    }
  }

  /// The stream is gone, and nothing more will be heard of its headers.
  mutating func closed(_ streamID: Int32) {
    self.outbound.removeValue(forKey: streamID)
    if streamID == self.headerStreamID {
      self.headerStreamID = 0
    }
  }

  /// Records where in the received bytes a chunk lies; false if it lies elsewhere, which nghttp2 never does.
  mutating func data(streamID: Int32, start: UnsafePointer<UInt8>, count: Int) -> Bool {
    guard let base = self.receivedBase else { return false }
    let offset = start - base
    guard offset >= 0 else { return false }
    self.hasReceivedPayload = true
    self.events.append(.data(streamID: streamID, range: offset..<offset + count))
    return true
  }
}
