package import GRPCCore
package import HTTP2Session

/// The length prefix of messages (PROTOCOL-HTTP2.md, Length-Prefixed-Message).
package enum MessageFraming {
  /// Flag and 32-bit big-endian length.
  package static let prefixLength = 5

  /// The prefix of an uncompressed message; throws RESOURCE_EXHAUSTED beyond `limit` bytes.
  static func prefix(of message: [UInt8], limit: Int) throws(RPCError) -> HTTP2DataPrefix {
    try self.checkLength(message, limit: limit)
    return HTTP2DataPrefix(bits: UInt64(message.count), count: self.prefixLength)
  }

  /// The length that the prefix at the start of `bytes` says; nil when the message is marked as compressed.
  ///
  /// There must be at least ``prefixLength`` bytes.
  static func uncompressedLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
    bytes[0] == 0 ? Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))) : nil
  }

  /// Compresses a message, unless that makes it longer, and returns its prefix and what follows that; throws
  /// RESOURCE_EXHAUSTED beyond `limit` bytes before compression.
  package static func encode(
    _ message: [UInt8], limit: Int, encoding: MessageEncoding
  ) throws(RPCError) -> (prefix: HTTP2DataPrefix, bytes: [UInt8]) {
    let prefix = try self.prefix(of: message, limit: limit)
    // Nothing this short gets shorter: a gzip member has 18 bytes around it.
    guard encoding == .gzip, message.count > 18 else { return (prefix, message) }
    let compressed = try Gzip.compress(message)
    guard compressed.count < message.count else { return (prefix, message) }
    return (HTTP2DataPrefix(bits: 1 << 32 | UInt64(compressed.count), count: self.prefixLength), compressed)
  }

  /// Puts the prefix of an uncompressed message before it; throws RESOURCE_EXHAUSTED beyond `limit` bytes.
  package static func frame(_ message: [UInt8], limit: Int) throws(RPCError) -> [UInt8] {
    try self.checkLength(message, limit: limit)
    let length = UInt32(message.count)
    return [UInt8](unsafeUninitializedCapacity: self.prefixLength + message.count) { buffer, count in
      buffer[0] = 0
      buffer[1] = UInt8(truncatingIfNeeded: length >> 24)
      buffer[2] = UInt8(truncatingIfNeeded: length >> 16)
      buffer[3] = UInt8(truncatingIfNeeded: length >> 8)
      buffer[4] = UInt8(truncatingIfNeeded: length)
      let body = UnsafeMutableBufferPointer(rebasing: buffer[self.prefixLength...])
      count = self.prefixLength + body.initialize(fromContentsOf: message)
    }
  }

  private static func checkLength(_ message: [UInt8], limit: Int) throws(RPCError) {
    let limit = limit.clamped(to: Int.messageLengths)
    guard message.count <= limit else {
      throw RPCError(
        code: .resourceExhausted,
        message: "The message to send is \(message.count) bytes, more than the limit of \(limit).")
    }
  }
}
