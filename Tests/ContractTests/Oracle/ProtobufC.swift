import ProtobufCOracle

/// protobuf-c, an implementation of protocol buffers that shares no code with the services.
enum ProtobufC {
  private static let indices: [String: Int] = Dictionary(
    uniqueKeysWithValues: (0..<oracle_message_count()).map { (String(cString: oracle_message_name($0)), $0) })

  /// The full name of every message that it knows.
  static var messageNames: Set<String> { Set(indices.keys) }

  /// Parses bytes as a message and packs it again. Nil: it does not know the message, or cannot parse the bytes.
  static func repack(_ bytes: [UInt8], as name: String) -> [UInt8]? {
    guard let index = indices[name] else { return nil }
    let packed = oracle_repack(index, bytes, bytes.count)
    defer { oracle_free(packed) }
    guard let data = packed.data else { return nil }
    return Array(UnsafeBufferPointer(start: data, count: packed.size))
  }
}
