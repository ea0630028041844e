import NIOSSL

/// Why a peer was not taken for who it should be, or this side wasn't: a phrase to follow a colon, without any secret.
struct HandshakeError: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  static let timedOut = Self("the TLS handshake took too long")
  static let noHTTP2 = Self("the peer does not agree on HTTP/2 by ALPN")
  static let invalidCertificate = Self("the peer's certificate is not a valid one of the CA")
  static func outOfDate(_ fault: String) -> Self { Self("the peer's certificate \(fault)") }
  static let namesNobody = Self("the peer's certificate names no single workload in a spiffe:// URI")
  static let noCertificate = Self("the peer has no certificate")
  static let notTLS = Self("the peer does not speak TLS")
  static let refused = Self("the peer refused this side's certificate")
  static let closed = Self("the peer closed the connection during the TLS handshake")
}

extension HandshakeError {
  /// Reads an error of TLS; nil for any other.
  init?(explaining error: any Error) {
    switch error {
    case let error as HandshakeError: self = error
    case NIOSSLError.handshakeFailed(.sslError(let stack)), BoringSSLError.sslError(let stack): self.init(stack)
    case NIOSSLError.uncleanShutdown: return nil
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self.init("TLS failed")
    default: return nil
    }
  }

  private init(_ stack: NIOBoringSSLErrorStack) {
    guard stack != [.eofDuringHandshake] else {
      self = .closed
      return
    }
    let reasons = stack.compactMap { Self.reason(in: $0.description) }
    self =
      switch reasons.first {
      case "CERTIFICATE_VERIFY_FAILED": .invalidCertificate
      case "PEER_DID_NOT_RETURN_A_CERTIFICATE": .noCertificate
      case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST": .notTLS
      case let reason? where Self.refusals.contains(reason): .refused
      case let reason?: HandshakeError("TLS failed with \(reason)")
      case nil: HandshakeError("TLS failed")
      }
  }

  /// The alerts by which a peer refuses a certificate (RFC 8446, section 6.2).
  private static let refusals: Set<String> = [
    "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "SSLV3_ALERT_NO_CERTIFICATE",
    "TLSV1_ALERT_UNKNOWN_CA", "TLSV1_ALERT_ACCESS_DENIED", "TLSV1_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_DECRYPT_ERROR",
  ]

  /// BoringSSL writes `…:OPENSSL_internal:REASON at file:line`.
  private static func reason(in text: String) -> String? {
    guard let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return nil }
    let reason = text[start...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
    return reason.isEmpty ? nil : String(reason)
  }
}
