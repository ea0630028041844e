import GRPCCore
import HTTP2Session
import NIOCore

/// A request for a fast path, from its headers until it is answered or turns out to be one for the ordinary handler.
///
/// A class, because what it holds is much to move in and out of a table.
final class PendingFastCall {
  let streamID: Int32
  let entry: MethodTable.FastPathEntry
  private(set) var head: RequestHead
  /// Whether `head` is all that is held of what came with it.
  private var ownsHead = false
  /// When the headers came; nil when nobody will ask.
  let received: NIODeadline?
  let deadline: NIODeadline?
  var deadlineTimer: Timers.Timer?
  /// The payload bytes that the client was told it may replace.
  private(set) var creditedBytes = 0
  private var payload = Payload.none
  private var fieldBytes = 0
  private var requestWatch = RequestWatch()
  /// Whether it is complete, and its answer is given later.
  var isWaiting = false
  /// Whether the work for its answer goes on when it is given up.
  var isOutlived = false
  /// What the connection's budget counts of it; nil before anything of it is kept.
  var countedBytes: Int?

  private enum Payload {
    case none
    /// Where the payload is in the bytes being dispatched.
    case received(Range<Int>)
    case copied([UInt8])
  }

  init(_ streamID: Int32, _ entry: MethodTable.FastPathEntry, head: RequestHead) {
    self.streamID = streamID
    self.entry = entry
    self.head = head
    self.received = head.timeout != nil || entry.fastPath.observer != nil ? .now() : nil
    self.deadline = self.received.flatMap { received in head.timeout.map { received + TimeAmount(clamping: $0) } }
  }

  /// Adds received payload; returns how many bytes of it the client is to be told that it may replace, or nil when the
  /// payload can't be of one uncompressed message of at most `limit` bytes.
  func receive(_ range: Range<Int>, in bytes: ByteBuffer, limit: Int) -> Int? {
    if case .none = self.payload {
      self.payload = .received(range)
    } else {
      self.copy(from: bytes)
      guard case .copied(var copied) = self.payload else { return nil }
      self.payload = .none
      bytes.withUnsafeReadableBytes { copied.append(contentsOf: $0[range]) }
      self.payload = .copied(copied)
    }
    let credit: Int? = self.withPayload(in: bytes) { payload in
      guard payload.count >= MessageFraming.prefixLength else { return range.count }
      let length = MessageFraming.uncompressedLength(payload)
      guard let length, length <= limit, payload.count <= MessageFraming.prefixLength + length else { return nil }
      // Like InboundQueue: bytes of an incomplete message are replaced at once, or it could never become complete.
      return payload.count < MessageFraming.prefixLength + length ? range.count : 0
    }
    self.creditedBytes += credit ?? 0
    if credit == 0 {
      self.requestWatch.progressed()
    }
    return credit
  }

  /// Looks whether the client has taken too long with the request.
  func isOverdue() -> Bool {
    self.requestWatch.isOverdue()
  }

  /// The memory of what was kept, in bytes.
  var heldBytes: Int {
    if case .copied(let bytes) = self.payload { self.fieldBytes + bytes.capacity } else { self.fieldBytes }
  }

  /// Copies what would be lost with `bytes`, which is what is being dispatched, and lets go of all else that came with
  /// it.
  func keep(from bytes: ByteBuffer) {
    self.copy(from: bytes)
    guard !self.ownsHead else { return }
    self.head.copyFields()
    self.ownsHead = true
    // The memory of copied fields may grow to twice as much as they need.
    self.head.fields.forEachBytes { _, name, value in self.fieldBytes += 2 * (name.count + value.count + 32) }
  }

  private func copy(from bytes: ByteBuffer) {
    guard case .received(let range) = self.payload else { return }
    self.payload = .copied(bytes.withUnsafeReadableBytes { Array($0[range]) })
  }

  /// Lends the payload received so far; `bytes` is what is being dispatched.
  func withPayload<Result>(in bytes: ByteBuffer, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self.payload {
    case .none: body(UnsafeRawBufferPointer(start: nil, count: 0))
    case .received(let range): bytes.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .copied(let copied): copied.withUnsafeBytes { body($0) }
    }
  }

  /// Whether the payload is one whole message.
  func isComplete(in bytes: ByteBuffer) -> Bool {
    self.withPayload(in: bytes) { payload in
      payload.count >= MessageFraming.prefixLength
        && MessageFraming.uncompressedLength(payload) == payload.count - MessageFraming.prefixLength
    }
  }
}
