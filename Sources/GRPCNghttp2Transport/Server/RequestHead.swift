import GRPCCore
import HTTP2Session

/// The header section of a request that was found to be a gRPC call (PROTOCOL-HTTP2.md, Requests).
///
/// It may lack `te: trailers`, by which nothing is decided here; another value never gets past HTTP/2. What belongs to
/// the protocol comes once, and binary metadata is base64, or the call is refused.
struct RequestHead {
  private(set) var fields: HTTP2Fields
  let target: MethodTable.Target
  private(set) var timeout: Duration?
  private(set) var encoding = MessageEncoding.identity
  /// Whether the client can read responses compressed with gzip.
  let acceptsGzip: Bool

  /// Reads the fields; decodes none that the transport needn't look at.
  init(_ fields: HTTP2Fields, methods: MethodTable) throws(Rejection) {
    var isPost = false
    var isHead = false
    var isGRPC = false
    var encoding: MessageEncoding? = .identity
    var target: MethodTable.Target?
    var path: Int?
    var timeout: Int?
    var hasContentType = false
    var hasEncoding = false
    var acceptsGzip = false
    var malformed: StaticString?
    fields.forEachBytes { position, name, value in
      // By length first: most fields are none of these.
      switch name.count {
      case 5 where name.equals(":path"):
        path = position
        target = methods[value]
      case 7 where name.equals(":method"):
        isPost = value.equals("POST")
        isHead = value.equals("HEAD")
      case 12 where name.equals("content-type"):
        isGRPC = !hasContentType && isGRPCContentType(value)
        hasContentType = true
      case 12 where name.equals("grpc-timeout"):
        malformed = timeout == nil ? malformed : "The grpc-timeout is given twice."
        timeout = position
      case 13 where name.equals("grpc-encoding"):
        malformed = hasEncoding ? "The grpc-encoding is given twice." : malformed
        hasEncoding = true
        encoding = MessageEncoding(name: String(decoding: value, as: UTF8.self))
      case 20 where name.equals("grpc-accept-encoding"):
        acceptsGzip = acceptsGzip || MessageEncoding.acceptsGzip(String(decoding: value, as: UTF8.self))
      default:
        if name.isBinaryKey, !MetadataBase64.isValid(value) {
          malformed = "Metadata of a -bin key is not base64."
        }
      }
    }
    guard isPost else { throw .http(status: 405, hasBody: !isHead) }
    guard isGRPC else { throw .http(status: 415) }
    self.fields = fields
    self.acceptsGzip = acceptsGzip
    if let target {
      self.target = target
    } else {
      guard let descriptor = path.flatMap({ MethodDescriptor(path: fields.value(at: $0)) }) else {
        throw .grpc(Status(code: .unimplemented, message: "The path is not of the form /service/method."))
      }
      self.target = .method(descriptor)
    }
    if let malformed {
      throw .grpc(Status(code: .internalError, message: "\(malformed)"))
    }
    guard let encoding else {
      throw .grpc(Status(code: .unimplemented, message: "The grpc-encoding is not supported: send identity or gzip."))
    }
    self.encoding = encoding
    if let timeout {
      guard let timeout = CallTimeout(parsing: fields.value(at: timeout)) else {
        throw .grpc(Status(code: .internalError, message: "The grpc-timeout is malformed."))
      }
      self.timeout = timeout.duration
    }
  }

  /// Lets go of what came with it.
  mutating func copyFields() {
    self.fields = self.fields.copy()
  }

  /// The call's metadata, decoded at each use.
  var metadata: Metadata { Metadata(self.fields) }
}

/// What every response starts with.
let responseFields = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]

/// Whether a content type is `application/grpc`, perhaps with a `+format` or parameters.
func isGRPCContentType(_ value: String) -> Bool {
  var value = value
  return value.withUTF8 { isGRPCContentType($0) }
}

private func isGRPCContentType(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
  let prefix: StaticString = "application/grpc"
  guard value.count >= prefix.utf8CodeUnitCount,
    UnsafeBufferPointer(rebasing: value[..<prefix.utf8CodeUnitCount]).equals(prefix, ignoringCase: true)
  else { return false }
  guard value.count > prefix.utf8CodeUnitCount else { return true }
  let next = value[prefix.utf8CodeUnitCount]
  return next == UInt8(ascii: "+") || next == UInt8(ascii: ";")
}

extension MethodDescriptor {
  /// Reads `/package.Service/Method`; nil for any other path.
  fileprivate init?(path: String) {
    let utf8 = path.utf8
    guard utf8.first == UInt8(ascii: "/"), let slash = utf8.lastIndex(of: UInt8(ascii: "/")), slash != utf8.startIndex
    else { return nil }
    let service = path[utf8.index(after: utf8.startIndex)..<slash]
    let method = path[utf8.index(after: slash)...]
    guard !service.isEmpty, !method.isEmpty else { return nil }
    self.init(fullyQualifiedService: String(service), method: String(method))
  }
}
