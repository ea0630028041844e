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
  /// About the memory that ``metadata`` takes, in bytes.
  let metadataBytes: Int

  /// What an element of metadata takes besides its characters or bytes: a place among the others and two allocations.
  private static let elementBytes = 128

  /// Reads the fields; decodes none that the transport needn't look at.
  ///
  /// `maxHeaderListBytes` is the largest section accepted, in bytes as RFC 9113 section 6.5.2 counts: HTTP/2 has seen
  /// to that, but for the values that one `-bin` field may have, which count like fields of their own.
  init(
    _ fields: HTTP2Fields, methods: MethodTable, maxHeaderListBytes: Int = .max, acceptsCompressed: Bool = true
  ) throws(Rejection) {
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
    var metadataBytes = 0
    var furtherValues = 0
    let mostValues = HTTP2Field.mostFields(in: maxHeaderListBytes)
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
        encoding = MessageEncoding(name: value)
      case 20 where name.equals("grpc-accept-encoding"):
        acceptsGzip = acceptsGzip || MessageEncoding.acceptsGzip(value)
      default:
        metadataBytes += name.count + value.count + Self.elementBytes
        // What has too many values is refused whatever the others are.
        guard name.isBinaryKey, furtherValues <= mostValues else { break }
        if let count = MetadataBase64.countValues(of: value, upTo: mostValues - furtherValues + 1) {
          furtherValues += count - 1
        } else {
          malformed = "Metadata of a -bin key is not base64."
        }
      }
    }
    guard furtherValues == 0 || Self.listBytes(fields, furtherValues) <= maxHeaderListBytes else {
      throw .http(status: 431, hasBody: !isHead)
    }
    func refusal(_ code: Status.Code, _ message: String) -> Rejection {
      .grpc(Status(code: code, message: message), acceptsCompressed: acceptsCompressed)
    }
    guard isPost else { throw .http(status: 405, hasBody: !isHead) }
    guard isGRPC else { throw .http(status: 415) }
    self.fields = fields
    self.acceptsGzip = acceptsGzip
    self.metadataBytes = metadataBytes + furtherValues * Self.elementBytes
    if let target {
      self.target = target
    } else {
      guard let descriptor = path.flatMap({ MethodDescriptor(path: fields.value(at: $0)) }) else {
        throw refusal(.unimplemented, "The path is not of the form /service/method.")
      }
      self.target = .method(descriptor)
    }
    if let malformed {
      throw refusal(.internalError, "\(malformed)")
    }
    guard let encoding, acceptsCompressed || encoding == .identity else {
      let supported = acceptsCompressed ? "identity or gzip" : "identity"
      throw refusal(.unimplemented, "The grpc-encoding is not supported: send \(supported).")
    }
    self.encoding = encoding
    if let timeout {
      guard let timeout = CallTimeout(parsing: fields.value(at: timeout)) else {
        throw refusal(.internalError, "The grpc-timeout is malformed.")
      }
      self.timeout = timeout.duration
    }
  }

  /// The size of a section with further values of the fields in it, in bytes as RFC 9113 section 6.5.2 counts.
  private static func listBytes(_ fields: HTTP2Fields, _ furtherValues: Int) -> Int {
    var size = (fields.count + furtherValues) * HTTP2Field.overhead
    fields.forEachBytes { _, name, value in size += name.count + value.count }
    return size
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
