import NIOSSL

/// The name of a workload: `spiffe://trust-domain/path` (the SPIFFE-ID standard, section 2).
package struct SPIFFEID: Sendable, Hashable {
  /// Whom the name is one of.
  package let trustDomain: String
  /// The last component of the path: `auth-verifier` of `spiffe://temporis.internal/auth-verifier`.
  package let workload: String
  /// The whole name.
  package let uri: String
  /// The name without its last component: `spiffe://temporis.internal/`.
  package var parent: Substring { self.uri.dropLast(self.workload.count) }

  /// The longest name, in bytes.
  private static let maxBytes = 2048
  private static let scheme = "spiffe://"

  /// Reads a name; nil for any other text, and for a trust domain alone.
  package init?(_ uri: String) {
    guard uri.utf8.count <= Self.maxBytes, uri.hasPrefix(Self.scheme) else { return nil }
    let parts = uri.utf8.dropFirst(Self.scheme.utf8.count).split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let domain = parts.first, let last = parts.last, parts.count > 1 else { return nil }
    guard !domain.isEmpty, domain.allSatisfy(Self.isDomainByte) else { return nil }
    for segment in parts.dropFirst() {
      guard !segment.isEmpty, segment.allSatisfy(Self.isPathByte) else { return nil }
      guard !segment.allSatisfy({ $0 == UInt8(ascii: ".") }) || segment.count > 2 else { return nil }
    }
    self.trustDomain = String(Substring(domain))
    self.workload = String(Substring(last))
    self.uri = uri
  }

  private static func isDomainByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    isDomainByte(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}

extension SPIFFEID {
  /// The name in a certificate; nil unless it names exactly one URI and that is a SPIFFE ID (X509-SVID, section 2).
  init?(_ certificate: NIOSSLCertificate) {
    let uris = certificate._subjectAlternativeNames().filter { $0.nameType == .uri }
    guard uris.count == 1, let uri = uris.first else { return nil }
    self.init(String(decoding: uri.contents, as: UTF8.self))
  }
}
