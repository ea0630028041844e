/// The bytes that a stream has still to send.
final class OutboundStream {
  /// How the stream is to end once its bytes are sent.
  enum Ending {
    case open
    case endStream
    case trailers([HTTP2Field])
  }

  var ending: Ending
  /// Whether nghttp2 was told that there is nothing to send, so that it must be woken.
  var isDeferred = false
  private(set) var pendingBytes = 0
  /// Whether a part of one of the chunks appended was sent and the rest of it wasn't.
  var isWithinChunk: Bool { self.offset > 0 }

  private var chunks: [[UInt8]] = []
  private var firstChunk = 0
  private var offset = 0

  init(ending: Ending) {
    self.ending = ending
  }

  func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    self.chunks.append(bytes)
    self.pendingBytes += bytes.count
  }

  func discardPending() {
    self.chunks.removeAll()
    self.firstChunk = 0
    self.offset = 0
    self.pendingBytes = 0
  }

  /// Moves as many bytes as fit.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while written < buffer.count, self.firstChunk < self.chunks.count {
      let chunk = self.chunks[self.firstChunk]
      let count = min(buffer.count - written, chunk.count - self.offset)
      chunk.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[written..<written + count])
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[self.offset..<self.offset + count]))
      }
      written += count
      self.offset += count
      if self.offset == chunk.count {
        self.chunks[self.firstChunk] = []
        self.firstChunk += 1
        self.offset = 0
      }
    }
    self.pendingBytes -= written
    self.compact()
    return written
  }

  private func compact() {
    if self.firstChunk == self.chunks.count {
      self.chunks.removeAll(keepingCapacity: true)
      self.firstChunk = 0
    } else if self.firstChunk >= 64 {
      self.chunks.removeFirst(self.firstChunk)
      self.firstChunk = 0
    }
  }
}
