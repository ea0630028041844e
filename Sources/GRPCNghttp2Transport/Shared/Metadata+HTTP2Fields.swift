import GRPCCore
import HTTP2Session

extension Metadata {
  /// The custom metadata of a header or trailer section; fields that belong to HTTP/2 or to the protocol itself are
  /// left out.
  ///
  /// A `-bin` value may be several joined by commas (PROTOCOL-HTTP2.md, Requests). One that isn't base64 is kept as
  /// text.
  init(_ fields: some Collection<HTTP2Field>) {
    self.init()
    self.reserveCapacity(fields.count)
    for field in fields where !isReserved(field.name) {
      guard field.name.hasSuffix("-bin") else {
        self.addString(field.value, forKey: field.name)
        continue
      }
      for part in field.value.split(separator: ",", omittingEmptySubsequences: false) {
        let text = part.drop { $0 == " " }
        if let bytes = MetadataBase64.decode(text) {
          self.addBinary(bytes, forKey: field.name)
        } else {
          self.addString(String(text), forKey: field.name)
        }
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
  switch name {
  case "te", "content-type", "content-length", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-status",
    "grpc-message", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host":
    true
  default:
    name.utf8.first == UInt8(ascii: ":")
  }
}
