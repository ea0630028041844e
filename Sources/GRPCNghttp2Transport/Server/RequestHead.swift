import GRPCCore
import HTTP2Session

/// The header section of a request that was found to be a gRPC call (PROTOCOL-HTTP2.md, Requests).
struct RequestHead {
  var descriptor: MethodDescriptor
  var metadata: Metadata
  var timeout: Duration?
  var encoding = MessageEncoding.identity
  /// Whether the client can read responses compressed with gzip.
  var acceptsGzip = false

  init(_ fields: [HTTP2Field]) throws(Rejection) {
    var method = ""
    var path = ""
    var contentType = ""
    var timeout: String?
    var encoding = "identity"
    for field in fields {
      switch field.name {
      case ":method": method = field.value
      case ":path": path = field.value
      case "content-type": contentType = field.value
      case "grpc-timeout": timeout = field.value
      case "grpc-encoding": encoding = field.value
      case "grpc-accept-encoding": self.acceptsGzip = self.acceptsGzip || MessageEncoding.acceptsGzip(field.value)
      default: break
      }
    }
    guard method == "POST" else { throw .http(status: 405, hasBody: method != "HEAD") }
    guard isGRPCContentType(contentType) else { throw .http(status: 415) }
    guard let descriptor = MethodDescriptor(path: path) else {
      throw .grpc(Status(code: .unimplemented, message: "The path is not of the form /service/method."))
    }
    guard let encoding = MessageEncoding(name: encoding) else {
      throw .grpc(Status(code: .unimplemented, message: "The grpc-encoding is not supported: send identity or gzip."))
    }
    self.encoding = encoding
    if let timeout {
      guard let timeout = CallTimeout(parsing: timeout) else {
        throw .grpc(Status(code: .internalError, message: "The grpc-timeout is malformed."))
      }
      self.timeout = timeout.duration
    }
    self.descriptor = descriptor
    self.metadata = Metadata(fields)
  }
}

/// What every response starts with.
let responseFields = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]

/// Whether a content type is `application/grpc`, perhaps with a `+format` or parameters.
func isGRPCContentType(_ value: String) -> Bool {
  let prefix = "application/grpc"
  guard value.utf8.count >= prefix.utf8.count, value.prefix(prefix.count).lowercased() == prefix else { return false }
  guard let next = value.utf8.dropFirst(prefix.utf8.count).first else { return true }
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
