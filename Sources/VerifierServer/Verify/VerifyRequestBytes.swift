import TokenDomain

/// The places of a `VerifyRequest`'s fields in its bytes, where these are as every client writes them: each field once
/// at most, in the order of the numbers, and none else.
struct VerifyRequestBytes {
  /// Where the header's value is.
  let authorization: Range<Int>
  /// The permission that the request needs; `nil` when it needs none.
  let permission: Permission?

  /// The longest value that is looked for: several times that of a real header.
  private static let authorizationLimit = 1_024

  /// Finds the fields; `nil` when the message has to be read by the rules for all messages.
  init?(_ message: Span<UInt8>) {
    var offset = 0
    var authorization = 0..<0
    if offset < message.count, message[offset] == 1 << 3 | 2 {
      guard let length = Self.length(message, at: offset + 1), length.value <= Self.authorizationLimit,
        length.value <= message.count - length.end
      else { return nil }
      offset = length.end + length.value
      authorization = length.end..<offset
    }
    var permission: Permission?
    if offset < message.count {
      guard offset + 2 == message.count, message[offset] == 2 << 3 else { return nil }
      switch message[offset + 1] {
      case 0: break
      case 1: permission = .ingest
      case 2: permission = .predict
      default: return nil
      }
    }
    self.authorization = authorization
    self.permission = permission
  }

  /// A length of one byte or two.
  private static func length(_ message: Span<UInt8>, at offset: Int) -> (value: Int, end: Int)? {
    guard offset < message.count else { return nil }
    let first = Int(message[offset])
    if first < 0x80 { return (first, offset + 1) }
    guard offset + 1 < message.count else { return nil }
    let second = Int(message[offset + 1])
    // A second byte of zero is a length that is longer than it has to be.
    return (1..<0x80).contains(second) ? (first & 0x7F | second << 7, offset + 2) : nil
  }
}
