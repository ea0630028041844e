import GRPCCore

/// How the messages of one direction of a call are encoded (gRPC's compression.md): `identity` or `gzip`.
package enum MessageEncoding: Sendable {
  case identity
  case gzip

  /// What `grpc-accept-encoding` says: gzip first, as grpc-swift's servers take the first name that they know.
  static let accepted = "gzip,identity"

  /// What it says when gzip isn't accepted.
  static let acceptedUncompressed = "identity"

  /// Reads `grpc-encoding`; nil for an encoding that isn't supported.
  init?(name: String) {
    var name = name
    guard let encoding = name.withUTF8({ Self(name: $0) }) else { return nil }
    self = encoding
  }

  /// As above.
  init?(name: UnsafeBufferPointer<UInt8>) {
    if name.equals("identity") {
      self = .identity
    } else if name.equals("gzip") {
      self = .gzip
    } else {
      return nil
    }
  }

  /// What is used of the algorithm that a caller asks for, which is advice only.
  init(_ algorithm: CompressionAlgorithm?) {
    self = algorithm == .gzip ? .gzip : .identity
  }

  /// Whether a list such as `gzip, identity;q=0.5` of `grpc-accept-encoding` has gzip.
  package static func acceptsGzip(_ list: String) -> Bool {
    var list = list
    return list.withUTF8 { self.acceptsGzip($0) }
  }

  /// As above. It looks at each byte once and makes nothing of it: a client may send kilobytes of this with few.
  static func acceptsGzip(_ list: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    while start < list.count {
      while start < list.count, list[start] == UInt8(ascii: " ") { start += 1 }
      var end = start
      while end < list.count, !self.endsName(list[end]) { end += 1 }
      if UnsafeBufferPointer(rebasing: list[start..<end]).equals("gzip") { return true }
      while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
      start = end + 1
    }
    return false
  }

  private static func endsName(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ")
  }
}
