/// The secret of an access token or of a dashboard session, of the right shape and with the right check digits.
///
/// Its text is the kind's prefix, 43 random base62 digits (256 bits) and 6 check digits: the CRC-32 of all that
/// precedes them in base62, most significant first, padded with zeros. The check digits turn typing errors away before
/// any look-up and let secret scanners match without false alarms. They prove nothing: only a look-up does.
package struct Secret: Sendable, Redacted {
  /// How many random digits a secret holds.
  package static let randomDigits = 43
  /// How many check digits end a secret.
  package static let checkDigits = 6

  /// What the secret is for.
  package let kind: SecretKind
  private let text: String

  /// Draws a new secret from the system's cryptographic generator.
  package init(kind: SecretKind) {
    let body = kind.prefix + Base62.random(count: Self.randomDigits)
    self.kind = kind
    self.text = body + Base62.encode(UInt128(CRC32.checksum(body.utf8.span)), width: Self.checkDigits)
  }

  /// Reads a presented token. `nil` when its prefix, its length, its alphabet or its check digits are wrong.
  package init?(_ text: String) {
    guard let kind = Self.kind(of: text.utf8.span) else { return nil }
    self.kind = kind
    self.text = text
  }

  /// The kind of secret that a presented token has the form of, without a copy of it. `nil` when its prefix, its
  /// length, its alphabet or its check digits are wrong.
  package static func kind(of token: Span<UInt8>) -> SecretKind? {
    let digits = randomDigits + checkDigits
    let count = token.count
    guard let kind = SecretKind.allCases.first(where: { $0.prefix.utf8.count + digits == count }) else { return nil }
    var index = 0
    for byte in kind.prefix.utf8 {
      guard token[index] == byte else { return nil }
      index += 1
    }
    guard Base62.areDigits(token.extracting(index..<count)) else { return nil }
    var rest = CRC32.checksum(token.extracting(0..<(count - checkDigits)))
    for index in ((count - checkDigits)..<count).reversed() {
      guard token[index] == Base62.alphabet[Int(rest % 62)] else { return nil }
      rest /= 62
    }
    return kind
  }

  /// The secret itself, to be put into the one response that shows it and nowhere else.
  package var revealed: String { text }

  /// The last four characters, which tell the secrets of a list apart.
  ///
  /// They are check digits, so they narrow the random part by no more than their own 24 bits of its 256.
  package var lastFour: String { String(text.suffix(4)) }
}
