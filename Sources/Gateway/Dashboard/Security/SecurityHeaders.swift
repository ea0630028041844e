package import HTTPTypes

/// The headers that keep a page to itself.
package struct SecurityHeaders: Sendable {
  /// The headers of every page.
  package let fields: HTTPFields

  /// Writes the headers.
  /// - Parameters:
  ///   - styleHash: The SHA-256 of the one style element, in base64.
  ///   - isSecure: Whether browsers reach us over TLS.
  package init(styleHash: String, isSecure: Bool) {
    let policy = [
      "default-src 'none'", "style-src 'sha256-\(styleHash)'", "script-src 'self'", "img-src 'self' data:",
      "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ]
    var fields: HTTPFields = [
      .contentSecurityPolicy: policy.joined(separator: "; "),
      .xContentTypeOptions: "nosniff",
      .cacheControl: "no-store",
    ]
    // Not `no-referrer`: under it browsers send `Origin: null` with a form (Fetch, section 3.2).
    fields[.referrerPolicy] = "same-origin"
    fields[.crossOriginOpenerPolicy] = "same-origin"
    if isSecure { fields[.strictTransportSecurity] = "max-age=31536000" }
    self.fields = fields
  }
}

extension HTTPField.Name {
  static let referrerPolicy = Self(canonical: "Referrer-Policy")
  static let crossOriginOpenerPolicy = Self(canonical: "Cross-Origin-Opener-Policy")
}
