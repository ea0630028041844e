/// What an `Authorization` header presents, as far as that can be told without a look-up.
package enum PresentedSecret: Sendable, Redacted {
  /// Nothing that could be a token: ``Verdict/missing``.
  case missing
  /// A token that nobody has, as its shape or its check digits are wrong: ``Verdict/invalid``.
  case malformed
  /// The hash of a token that somebody may have, and the kind that its prefix claims.
  case wellFormed(SecretHash, SecretKind)

  /// Reads a header's whole value; the empty string stands for no header.
  package init(authorization: String) {
    self.init(authorization: authorization.utf8.span)
  }

  /// Reads the bytes of a header's whole value, without memory besides its own.
  package init(authorization: Span<UInt8>) {
    guard let range = AuthorizationHeader.token(in: authorization) else {
      self = .missing
      return
    }
    let token = authorization.extracting(range)
    guard let kind = Secret.kind(of: token) else {
      self = .malformed
      return
    }
    self = .wellFormed(SecretHash(of: token), kind)
  }
}
