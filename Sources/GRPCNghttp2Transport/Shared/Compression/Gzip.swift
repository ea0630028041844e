import CZlib
package import GRPCCore

/// The `gzip` message encoding (RFC 1952), one member a message, and the content codings of HTTP that are like it.
package enum Gzip {
  /// What is decompressed.
  package enum Format: Sendable {
    /// Exactly one gzip member: a gRPC message.
    case member
    /// One or more gzip members: HTTP's `gzip` (RFC 1952, section 2.2).
    case members
    /// HTTP's `deflate`: zlib's format (RFC 1950), or bare deflate data, which some clients send under its name.
    case deflate

    fileprivate func windowBits(of bytes: [UInt8]) -> Int32 {
      guard self == .deflate else { return Gzip.windowBits }
      // RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31.
      let isZlib = bytes.count >= 2 && bytes[0] & 0xF == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
      return isZlib ? MAX_WBITS : -MAX_WBITS
    }
  }

  /// The name in `grpc-encoding` and `grpc-accept-encoding`.
  static let name = "gzip"

  /// 32 KiB of history, which is all that deflate has, in gzip's format.
  private static let windowBits = MAX_WBITS + 16
  /// zlib's usual memory: 256 KiB while a message is compressed.
  private static let memoryLevel: Int32 = 8
  /// What the output grows by: a small message mustn't cost as much as a large one, nor trust what its sender claims.
  private static let chunk = 16_384
  /// The most input of one call to zlib, whose counts have 32 bits.
  private static let inputChunk = 1 << 20

  /// Compresses a message at zlib's default level; throws RESOURCE_EXHAUSTED without memory.
  package static func compress(_ message: [UInt8]) throws(RPCError) -> [UInt8] {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, self.windowBits, self.memoryLevel, Z_DEFAULT_STRATEGY,
        ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .outOfMemory }
    defer { deflateEnd(&stream) }
    var output: [UInt8] = []
    var rest = message[...]
    while true {
      let flush = rest.count <= self.inputChunk ? Z_FINISH : Z_NO_FLUSH
      let (status, chunk) = self.step(&stream, &rest) { deflate(&$0, flush) }
      output.append(contentsOf: chunk)
      if status == Z_STREAM_END { return output }
      guard status == Z_OK else { throw .outOfMemory }
    }
  }

  /// Restores a message.
  ///
  /// Throws RESOURCE_EXHAUSTED once it is longer than `limit` bytes, and INTERNAL when `bytes` aren't of the format, to
  /// their last. `reserve` is told of the memory that the message takes, in bytes and before it takes that, and may
  /// throw.
  package static func decompress(
    _ bytes: [UInt8], format: Format = .member, limit: Int, reserve: (_ bytes: Int) throws(RPCError) -> Void = { _ in }
  ) throws(RPCError) -> [UInt8] {
    var stream = z_stream()
    let windowBits = format.windowBits(of: bytes)
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .outOfMemory }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var rest = bytes[...]
    while true {
      let (status, chunk) = self.step(&stream, &rest) { inflate(&$0, Z_NO_FLUSH) }
      let length = output.count + chunk.count
      guard length <= limit else { throw .tooLong(limit: limit) }
      if output.capacity < length {
        let capacity = min(limit, max(length, 2 * output.count))
        try reserve(capacity)
        output.reserveCapacity(capacity)
      }
      output.append(contentsOf: chunk)
      if status == Z_STREAM_END, rest.isEmpty { return output }
      if status == Z_STREAM_END, format == .members, inflateReset(&stream) == Z_OK { continue }
      // Without progress the rest is missing.
      guard status == Z_OK, !chunk.isEmpty || !rest.isEmpty else { throw .malformed }
    }
  }

  /// Has zlib take a chunk from the front of `input`; returns its status and what it has written.
  private static func step(
    _ stream: inout z_stream, _ input: inout ArraySlice<UInt8>, _ run: (inout z_stream) -> Int32
  ) -> (status: Int32, output: [UInt8]) {
    let taken = input.prefix(self.inputChunk)
    var status = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: self.chunk) { output, count in
      status = taken.withUnsafeBufferPointer { taken in
        // zlib reads through a pointer that isn't declared const.
        stream.next_in = UnsafeMutablePointer(mutating: taken.baseAddress)
        stream.avail_in = uInt(taken.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        defer { stream.next_in = nil }
        return run(&stream)
      }
      count = output.count - Int(stream.avail_out)
    }
    input = input.dropFirst(taken.count - Int(stream.avail_in))
    return (status, output)
  }
}

extension RPCError {
  fileprivate static let outOfMemory = RPCError(
    code: .resourceExhausted, message: "There is no memory to compress or restore a message.")
  fileprivate static let malformed = RPCError(
    code: .internalError, message: "A compressed message is not valid gzip data.")

  fileprivate static func tooLong(limit: Int) -> RPCError {
    RPCError(
      code: .resourceExhausted, message: "The received message is more than the limit of \(limit) once it is restored.")
  }
}
