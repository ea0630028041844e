import GRPCCore
import HTTP2Session

extension Status {
  /// The fields of a trailer section: `grpc-status`, `grpc-message`, then `metadata` without what can't be sent.
  func trailers(metadata: Metadata = [:]) -> [HTTP2Field] {
    var fields = [HTTP2Field("grpc-status", String(self.code.rawValue))]
    if !self.message.isEmpty {
      fields.append(HTTP2Field("grpc-message", PercentEncoding.encode(self.message)))
    }
    let own = fields
    do {
      try metadata.append(to: &fields)
    } catch {
      // The status matters more than its metadata.
      fields = own
    }
    return fields
  }

  /// Reads a trailer section; nil without a `grpc-status`. One that isn't a number of the protocol's, or is given
  /// twice, is UNKNOWN.
  init?(trailers fields: [HTTP2Field]) {
    let numbers = fields.filter { $0.name == "grpc-status" }.map(\.value)
    guard let number = numbers.first else { return nil }
    let message = fields.first { $0.name == "grpc-message" }.map { PercentEncoding.decode($0.value) } ?? ""
    let isNumber = numbers.count == 1 && number.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let code = isNumber ? Int(number).flatMap(Status.Code.init(rawValue:)) : nil
    self.init(code: code ?? .unknown, message: code == nil && message.isEmpty ? "grpc-status '\(number)'" : message)
  }
}

extension RPCError {
  /// The error of a stream that the peer reset before it was over (PROTOCOL-HTTP2.md, Errors).
  init(streamClosedWith code: HTTP2ErrorCode) {
    guard code != .noError else {
      self = .streamEnded
      return
    }
    let status: RPCError.Code =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internalError
      }
    self.init(code: status, message: "The stream was closed by an HTTP/2 reset: \(code).")
  }

  /// Made once, because every stream ends.
  private static let streamEnded = RPCError(
    code: .internalError, message: "The stream was closed by an HTTP/2 reset: \(HTTP2ErrorCode.noError).")
}
