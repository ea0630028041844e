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
    self.text = body + Self.checkDigits(of: body.utf8)
  }

  /// Reads a presented token. `nil` when its prefix, its length, its alphabet or its check digits are wrong.
  package init?(_ text: String) {
    guard
      let kind = SecretKind.allCases.first(where: { kind in
        text.utf8.count == kind.prefix.utf8.count + Self.randomDigits + Self.checkDigits
          && text.utf8.starts(with: kind.prefix.utf8)
          && text.utf8.dropFirst(kind.prefix.utf8.count).allSatisfy(Base62.isDigit)
      }),
      text.utf8.suffix(Self.checkDigits).elementsEqual(
        Self.checkDigits(of: text.utf8.dropLast(Self.checkDigits)).utf8)
    else { return nil }
    self.kind = kind
    self.text = text
  }

  /// The secret itself, to be put into the one response that shows it and nowhere else.
  package var revealed: String { text }

  /// The last four characters, which tell the secrets of a list apart.
  ///
  /// They are check digits, so they narrow the random part by no more than their own 24 bits of its 256.
  package var lastFour: String { String(text.suffix(4)) }

  private static func checkDigits(of body: some Sequence<UInt8>) -> String {
    Base62.encode(UInt128(CRC32.checksum(body)), width: checkDigits)
  }
}
