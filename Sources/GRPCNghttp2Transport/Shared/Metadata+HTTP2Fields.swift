import GRPCCore
import HTTP2Session

extension Metadata {
  /// The custom metadata of a header or trailer section; fields that belong to HTTP/2 or to the protocol itself are
  /// left out.
  ///
  /// A `-bin` value may be several joined by commas (PROTOCOL-HTTP2.md, Requests). One that isn't base64 is left out,
  /// too: what it makes of the whole section is for the reader to say, by ``hasMalformedMetadata(_:)``.
  init(_ fields: some Collection<HTTP2Field>) {
    self.init()
    self.reserveCapacity(fields.count)
    for field in fields where !isReserved(field.name) {
      self.add(field)
    }
  }

  /// As above; decodes only what is kept.
  init(_ fields: HTTP2Fields) {
    self.init()
    var kept = 0
    fields.forEachBytes { _, name, _ in kept += isReserved(name) ? 0 : 1 }
    guard kept > 0 else { return }
    self.reserveCapacity(kept)
    fields.forEachBytes { position, name, _ in
      if !isReserved(name) {
        self.add(fields[position])
      }
    }
  }

  private mutating func add(_ field: HTTP2Field) {
    guard field.name.utf8.hasBinarySuffix else {
      self.addString(field.value, forKey: field.name)
      return
    }
    for value in MetadataBase64.values(field.value.utf8) {
      if let bytes = MetadataBase64.decode(value) {
        self.addBinary(bytes, forKey: field.name)
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

/// Whether a `-bin` value isn't base64.
func hasMalformedMetadata(_ fields: some Collection<HTTP2Field>) -> Bool {
  fields.contains { $0.name.utf8.hasBinarySuffix && !MetadataBase64.isValid($0.value.utf8) }
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

extension String.UTF8View {
  /// Whether a field of this name carries bytes.
  fileprivate var hasBinarySuffix: Bool {
    self.count >= 4 && self.suffix(4).elementsEqual("-bin".utf8)
  }
}
