import HTTPTypes
import NIOHTTP1

extension HTTPRequestHead {
  /// Why a header section cannot be taken, whatever the request is for. Nil: it can.
  func refusal(beyond limits: ServerLimits) -> APIError? {
    // RFC 9110, section 15.5.15: not 431, which is for the fields.
    if uri.utf8.count > limits.targetSize { return .targetTooLong }
    if !fits(limits) { return .headerTooLarge }
    if !hasValidHost { return .invalidHost }
    return bodyRefusal
  }

  private func fits(_ limits: ServerLimits) -> Bool {
    let size = headers.reduce(uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    return headers.count <= limits.headerCount && size <= limits.headerSize
  }

  /// Whether there is exactly one `Host`, and it can be one (RFC 9112, section 3.2). HTTP/1.0 may lack it.
  private var hasValidHost: Bool {
    let hosts = headers["Host"]
    guard let host = hosts.first else { return version == .http1_0 }
    return hosts.count == 1 && host.utf8.allSatisfy { 0x21...0x7E ~= $0 && !#"/?#@\"<>^`{|}"#.utf8.contains($0) }
  }

  /// Why the body cannot be read (RFC 9112, section 6). Nil: it can, or there is none.
  private var bodyRefusal: APIError? {
    let codings = headers[canonicalForm: "Transfer-Encoding"].filter { !$0.isEmpty }.map { $0.lowercased() }
    guard let last = codings.last else { return nil }
    // Nobody knows where a body ends that is not chunked in the end, nor one of HTTP/1.0, which has no such header.
    guard last == "chunked", version != .http1_0 else { return .badRequest }
    return codings.count == 1 ? nil : .unsupportedTransferCoding
  }
}

extension APIError {
  fileprivate static let invalidHost = APIError(.badRequest, "Exactly one valid Host header is required.")
  fileprivate static let unsupportedTransferCoding = APIError(.notImplemented, "Unsupported transfer coding.")
}
