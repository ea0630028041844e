/// An error code of RST_STREAM and GOAWAY frames (RFC 9113 section 7).
package struct HTTP2ErrorCode: RawRepresentable, Sendable, Hashable {
  package var rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package static let noError = Self(rawValue: 0x0)
  package static let protocolError = Self(rawValue: 0x1)
  package static let internalError = Self(rawValue: 0x2)
  package static let flowControlError = Self(rawValue: 0x3)
  package static let settingsTimeout = Self(rawValue: 0x4)
  package static let streamClosed = Self(rawValue: 0x5)
  package static let frameSizeError = Self(rawValue: 0x6)
  package static let refusedStream = Self(rawValue: 0x7)
  package static let cancel = Self(rawValue: 0x8)
  package static let compressionError = Self(rawValue: 0x9)
  package static let connectError = Self(rawValue: 0xa)
  package static let enhanceYourCalm = Self(rawValue: 0xb)
  package static let inadequateSecurity = Self(rawValue: 0xc)
  package static let http11Required = Self(rawValue: 0xd)
}

extension HTTP2ErrorCode: CustomStringConvertible {
  /// The name in the RFC, or the number in hexadecimal.
  package var description: String {
    switch self {
    case .noError: "NO_ERROR"
    case .protocolError: "PROTOCOL_ERROR"
    case .internalError: "INTERNAL_ERROR"
    case .flowControlError: "FLOW_CONTROL_ERROR"
    case .settingsTimeout: "SETTINGS_TIMEOUT"
    case .streamClosed: "STREAM_CLOSED"
    case .frameSizeError: "FRAME_SIZE_ERROR"
    case .refusedStream: "REFUSED_STREAM"
    case .cancel: "CANCEL"
    case .compressionError: "COMPRESSION_ERROR"
    case .connectError: "CONNECT_ERROR"
    case .enhanceYourCalm: "ENHANCE_YOUR_CALM"
    case .inadequateSecurity: "INADEQUATE_SECURITY"
    case .http11Required: "HTTP_1_1_REQUIRED"
    default: "0x\(String(self.rawValue, radix: 16))"
    }
  }
}
