import GRPCCore
import HTTP2Session

extension Metadata {
  /// The custom metadata of a header or trailer section; fields that belong to HTTP/2 or to the protocol itself are
  /// left out.
  ///
  /// A `-bin` value may be several joined by commas (PROTOCOL-HTTP2.md, Requests), each of which takes memory of its
  /// own: whoever reads a peer's section has its size looked at first. One that isn't base64 is left out, too.
  init(_ fields: some Collection<HTTP2Field>) {
    self.init()
    self.reserveCapacity(fields.count)
    for field in fields where !isReserved(field.name) {
      var value = field.value
      if field.name.utf8.hasBinarySuffix {
        value.withUTF8 { self.addBinaryValues($0, forKey: field.name) }
      } else {
        self.addString(value, forKey: field.name)
      }
    }
  }

  /// As above; decodes only what is kept.
  init(_ fields: HTTP2Fields) {
    self.init()
    var kept = 0
    fields.forEachBytes { _, name, value in
      guard !isReserved(name) else { return }
      kept += name.isBinaryKey ? value.count { $0 == UInt8(ascii: ",") } + 1 : 1
    }
    guard kept > 0 else { return }
    self.reserveCapacity(kept)
    fields.forEachBytes { _, name, value in
      guard !isReserved(name) else { return }
      let key = String(decoding: name, as: UTF8.self)
      if name.isBinaryKey {
        self.addBinaryValues(value, forKey: key)
      } else {
        self.addString(String(decoding: value, as: UTF8.self), forKey: key)
      }
    }
  }

  private mutating func addBinaryValues(_ field: UnsafeBufferPointer<UInt8>, forKey key: String) {
    MetadataBase64.forEachValue(of: field) { value in
      if let bytes = MetadataBase64.decode(value) {
        self.addBinary(bytes, forKey: key)
      }
    }
  }

  /// Appends the metadata to a section.
  ///
  /// Throws INTERNAL for a key or value that HTTP/2 can't carry, without repeating the value.
  func append(to fields: inout [HTTP2Field]) throws(RPCError) {
    for (key, value) in self {
      let name = key.lowercased()
      guard !isReserved(name) || name == "grpc-timeout" else { continue }
      let text =
        switch value {
        case .string(let string): string
        case .binary(let bytes): MetadataBase64.encode(bytes)
        }
      guard isValidHTTP2Field(name: name, value: text) else {
        throw RPCError(code: .internalError, message: "Metadata '\(name)' has characters that can't be sent.")
      }
      fields.append(HTTP2Field(name, text))
    }
  }
}

/// Whether the transport itself reads and writes the field; user agents and retry hints stay visible to the
/// application.
private func isReserved(_ name: String) -> Bool {
  var name = name
  return name.withUTF8 { isReserved($0) }
}

private func isReserved(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
  guard name.first != UInt8(ascii: ":") else { return true }
  return switch name.count {
  case 2: name.equals("te")
  case 4: name.equals("host")
  case 7: name.equals("upgrade")
  case 10: name.equals("connection") || name.equals("keep-alive")
  case 11: name.equals("grpc-status")
  case 12: name.equals("content-type") || name.equals("grpc-timeout") || name.equals("grpc-message")
  case 13: name.equals("grpc-encoding")
  case 14: name.equals("content-length")
  case 16: name.equals("proxy-connection")
  case 17: name.equals("transfer-encoding")
  case 20: name.equals("grpc-accept-encoding")
  default: false
  }
}

extension HTTP2Field {
  /// What a field counts besides its name and value in the size of a section (RFC 9113 section 6.5.2).
  static let overhead = 32

  /// More fields than this make a section of more than `listBytes`.
  static func mostFields(in listBytes: Int) -> Int { listBytes / self.overhead }

  /// What the field counts in the size of a section.
  var listBytes: Int { self.name.utf8.count + self.value.utf8.count + Self.overhead }

  /// The number of binary values, 0 without the `-bin` suffix, or any number above `limit` when there are more; nil
  /// when one can't be decoded.
  func binaryValueCount(upTo limit: Int) -> Int? {
    guard self.name.utf8.hasBinarySuffix else { return 0 }
    var value = self.value
    return value.withUTF8 { MetadataBase64.countValues(of: $0, upTo: limit) }
  }
}

extension String.UTF8View {
  /// Whether a field of this name carries bytes.
  fileprivate var hasBinarySuffix: Bool {
    self.count >= 4 && self.suffix(4).elementsEqual("-bin".utf8)
  }
}
