import GRPCCore
import HTTP2Session

/// Follows the sections and messages of a response (PROTOCOL-HTTP2.md, Responses) and turns them into parts.
struct ResponseReader {
  private var hasHeaders = false
  private var deframer: MessageDeframer
  private let limit: Int
  private let maxHeaderListBytes: Int

  /// `limit` is the largest message accepted and `maxHeaderListBytes` the largest section, in bytes as RFC 9113 section
  /// 6.5.2 counts.
  init(limit: Int, maxHeaderListBytes: Int) {
    self.limit = limit
    self.maxHeaderListBytes = maxHeaderListBytes
    self.deframer = MessageDeframer(limit: limit)
  }

  /// Begins anew, with another response to the same call.
  mutating func restart() {
    self = Self(limit: self.limit, maxHeaderListBytes: self.maxHeaderListBytes)
  }

  /// Reads a header or trailer section; nil for an interim response. Throws when the response isn't gRPC's.
  mutating func read(_ fields: [HTTP2Field], endStream: Bool) throws(RPCError) -> InboundPart? {
    if self.hasHeaders {
      return try self.trailers(fields, endStream: endStream)
    }
    let status = fields.first { $0.name == ":status" }.flatMap { Int($0.value) } ?? 0
    if (100..<200).contains(status), !endStream {
      return nil
    }
    let contentType = fields.first { $0.name == "content-type" }?.value
    let isGRPC = contentType.map(isGRPCContentType) ?? false
    if endStream, let result = Status(trailers: fields), isGRPC || status == 200 {
      return try self.end(result, fields)
    }
    guard status == 200 else {
      let result = Status(httpStatusCode: status)
      throw RPCError(code: RPCError.Code(result.code) ?? .unknown, message: result.message)
    }
    guard isGRPC else {
      throw RPCError(code: .unknown, message: "The response's content-type is not application/grpc.")
    }
    guard !endStream else {
      throw RPCError(code: .unknown, message: "The response has no grpc-status.")
    }
    guard let encoding = MessageEncoding(name: fields.first { $0.name == "grpc-encoding" }?.value ?? "identity") else {
      throw RPCError(code: .internalError, message: "The response uses a grpc-encoding that was not offered.")
    }
    try self.check(fields)
    self.deframer = MessageDeframer(limit: self.limit, acceptsCompressed: encoding == .gzip)
    self.hasHeaders = true
    return .metadata(Metadata(fields))
  }

  /// Appends the messages that `bytes` complete.
  mutating func read(_ bytes: UnsafeRawBufferPointer, to messages: inout [MessageDeframer.Message]) throws(RPCError) {
    guard self.hasHeaders else {
      throw RPCError(code: .internalError, message: "The response has no headers.")
    }
    try self.deframer.append(bytes, to: &messages)
  }

  private func trailers(_ fields: [HTTP2Field], endStream: Bool) throws(RPCError) -> InboundPart {
    guard endStream, let status = Status(trailers: fields) else {
      throw RPCError(code: .unknown, message: "The response ended without a grpc-status.")
    }
    if status.code == .ok, !self.deframer.isAtBoundary {
      throw RPCError(code: .internalError, message: "The response ended within a message.")
    }
    return try self.end(status, fields)
  }

  private func end(_ status: Status, _ fields: [HTTP2Field]) throws(RPCError) -> InboundPart {
    do throws(RPCError) {
      try self.check(fields)
    } catch {
      // An error matters more than its metadata, unless this is too much to be made at all.
      guard status.code != .ok, error.code != .resourceExhausted else { throw error }
    }
    return .status(status, Metadata(fields))
  }

  /// Throws INTERNAL for metadata that can't be decoded, and RESOURCE_EXHAUSTED when there is too much of it: the
  /// values that one `-bin` field has count like fields of their own.
  private func check(_ fields: [HTTP2Field]) throws(RPCError) {
    var furtherValues = 0
    let mostValues = HTTP2Field.mostFields(in: self.maxHeaderListBytes)
    for field in fields where furtherValues <= mostValues {
      guard let count = field.binaryValueCount(upTo: mostValues - furtherValues + 1) else {
        throw .malformedMetadata
      }
      furtherValues += max(0, count - 1)
    }
    guard furtherValues > 0 else { return }
    let size = fields.reduce(0) { $0 + $1.listBytes } + furtherValues * HTTP2Field.overhead
    guard size <= self.maxHeaderListBytes else {
      throw RPCError(code: .resourceExhausted, message: "The response's metadata is larger than the limit.")
    }
  }
}

extension RPCError {
  fileprivate static let malformedMetadata = RPCError(
    code: .internalError, message: "Metadata of a -bin key in the response is not base64.")
}
