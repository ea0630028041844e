/// The bytes that a stream has still to send.
final class OutboundStream {
  /// How the stream is to end once its bytes are sent.
  enum Ending {
    case open
    case endStream
    case trailers(HTTP2Section)
  }

  private struct Chunk {
    var prefix: HTTP2DataPrefix
    var bytes: [UInt8]

    var count: Int { self.prefix.count + self.bytes.count }
  }

  var ending: Ending
  /// Whether nghttp2 was told that there is nothing to send, so that it must be woken.
  var isDeferred = false
  /// Whether the stream was reset, which may not be sent yet.
  var isReset = false
  private(set) var pendingBytes = 0
  /// The number of chunks of which all was taken.
  private(set) var takenChunks = 0
  /// Whether a part of one of the chunks appended was sent and the rest of it wasn't.
  var isWithinChunk: Bool { self.offset > 0 }

  /// What is being sent. Most streams have one chunk and need no array for the others.
  private var current: Chunk?
  private var offset = 0
  private var later: [Chunk] = []
  private var firstLater = 0

  init(ending: Ending) {
    self.ending = ending
  }

  func append(_ bytes: [UInt8], prefix: HTTP2DataPrefix) {
    let chunk = Chunk(prefix: prefix, bytes: bytes)
    guard chunk.count > 0 else { return }
    self.pendingBytes += chunk.count
    if self.current == nil {
      self.current = chunk
    } else {
      self.later.append(chunk)
    }
  }

  func discardPending() {
    self.current = nil
    self.later.removeAll()
    self.firstLater = 0
    self.offset = 0
    self.pendingBytes = 0
  }

  /// Moves as many bytes as fit.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while written < buffer.count, let chunk = self.current {
      written += self.copy(chunk, to: UnsafeMutableRawBufferPointer(rebasing: buffer[written...]))
      if self.offset == chunk.count {
        self.offset = 0
        self.takenChunks += 1
        self.current = self.popLater()
      }
    }
    self.pendingBytes -= written
    return written
  }

  private func copy(_ chunk: Chunk, to target: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while self.offset < chunk.prefix.count, written < target.count {
      target[written] = chunk.prefix[self.offset]
      written += 1
      self.offset += 1
    }
    let start = self.offset - chunk.prefix.count
    let count = min(target.count - written, chunk.bytes.count - start)
    guard start >= 0, count > 0 else { return written }
    chunk.bytes.withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(rebasing: target[written..<written + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
    }
    self.offset += count
    return written + count
  }

  private func popLater() -> Chunk? {
    guard self.firstLater < self.later.count else { return nil }
    let chunk = self.later[self.firstLater]
    self.later[self.firstLater].bytes = []
    self.firstLater += 1
    if self.firstLater == self.later.count {
      self.later.removeAll(keepingCapacity: true)
      self.firstLater = 0
    } else if self.firstLater >= 64 {
      self.later.removeFirst(self.firstLater)
      self.firstLater = 0
    }
    return chunk
  }
}
