package import HTTPTypes

/// The headers that keep a page to itself.
package struct SecurityHeaders: Sendable {
  private let fields: HTTPFields

  /// Writes the headers.
  /// - Parameter styleHash: The SHA-256 of the one style element, in base64.
  package init(styleHash: String) {
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
    self.fields = fields
  }

  /// The headers of every page.
  /// - Parameter isSecure: Whether the browser asked over TLS.
  package func fields(isSecure: Bool) -> HTTPFields {
    var fields = fields
    if isSecure { fields[.strictTransportSecurity] = "max-age=31536000" }
    return fields
  }
}

extension HTTPField.Name {
  static let referrerPolicy = Self(canonical: "Referrer-Policy")
  static let crossOriginOpenerPolicy = Self(canonical: "Cross-Origin-Opener-Policy")

  /// A name that is written in the code and is one; anything else would be a slip of ours.
  init(canonical name: StaticString) {
    guard let field = Self("\(name)") else { preconditionFailure("no field name: \(name)") }
    self = field
  }
}
