import CZlib
package import GRPCCore

/// The `gzip` message encoding (RFC 1952), one member a message.
package enum Gzip {
  /// The name in `grpc-encoding` and `grpc-accept-encoding`.
  static let name = "gzip"

  /// 32 KiB of history, which is all that deflate has, in gzip's format.
  private static let windowBits = MAX_WBITS + 16
  /// zlib's usual memory: 256 KiB while a message is compressed.
  private static let memoryLevel: Int32 = 8
  /// What the output grows by: a small message mustn't cost as much as a large one, nor trust what its sender claims.
  private static let chunk = 16_384

  /// Compresses a message at zlib's default level; throws RESOURCE_EXHAUSTED without memory.
  package static func compress(_ message: [UInt8]) throws(RPCError) -> [UInt8] {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, self.windowBits, self.memoryLevel, Z_DEFAULT_STRATEGY,
        ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .outOfMemory }
    defer { deflateEnd(&stream) }
    var status = Z_OK
    // As long as the result can be at most, so that one call does it.
    let bound = Int(deflateBound(&stream, uLong(message.count)))
    let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      status = withInput(message[...], &stream) { stream in
        stream.next_out = buffer.baseAddress
        stream.avail_out = uInt(clamping: buffer.count)
        return deflate(&stream, Z_FINISH)
      }
      count = buffer.count - Int(stream.avail_out)
    }
    guard status == Z_STREAM_END else { throw .outOfMemory }
    return output
  }

  /// Restores a message.
  ///
  /// Throws RESOURCE_EXHAUSTED once it is longer than `limit` bytes, and INTERNAL when `bytes` aren't exactly one gzip
  /// member.
  package static func decompress(_ bytes: [UInt8], limit: Int) throws(RPCError) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .outOfMemory }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var rest = bytes[...]
    while true {
      var status = Z_OK
      let chunk = [UInt8](unsafeUninitializedCapacity: self.chunk) { buffer, count in
        status = withInput(rest, &stream) { stream in
          stream.next_out = buffer.baseAddress
          stream.avail_out = uInt(buffer.count)
          return inflate(&stream, Z_NO_FLUSH)
        }
        count = buffer.count - Int(stream.avail_out)
      }
      rest = rest.suffix(Int(stream.avail_in))
      guard output.count + chunk.count <= limit else { throw .tooLong(limit: limit) }
      output.append(contentsOf: chunk)
      if status == Z_STREAM_END, rest.isEmpty { return output }
      // Without progress the rest is missing.
      guard status == Z_OK, !chunk.isEmpty || !rest.isEmpty else { throw .malformed }
    }
  }

  /// Lends `input` to zlib for one call.
  private static func withInput(
    _ input: ArraySlice<UInt8>, _ stream: inout z_stream, _ body: (inout z_stream) -> Int32
  ) -> Int32 {
    input.withUnsafeBufferPointer { input in
      // zlib reads through a pointer that isn't declared const.
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = uInt(clamping: input.count)
      defer { stream.next_in = nil }
      return body(&stream)
    }
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
