import TokenDomain

/// Ids of what customers own: a typed prefix and 128 random bits.
package enum ResourceID {
  /// Makes an id: `acct` gives `acct_` and 22 base62 characters.
  package static func make(_ prefix: String) -> String {
    prefix + "_" + Base62.encode(UInt128.random(in: .min ... .max), width: digits)
  }

  /// Whether a text has the form of such an id.
  package static func isValid(_ id: String, prefix: String) -> Bool {
    let bytes = id.utf8
    return bytes.count == prefix.utf8.count + 1 + digits && id.hasPrefix(prefix + "_")
      && bytes.suffix(digits).allSatisfy(Base62.isDigit)
  }

  private static let digits = 22
}

/// The rules of the keys that make a retry safe. An empty field is no key.
package enum IdempotencyKey {
  private static let limit = 255

  /// The key of a creating call: at most 255 bytes, no control characters; `nil` for an empty field.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument`.
  package static func ofCreation(_ text: String) throws(ServiceError) -> String? {
    guard text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw ServiceError(
        violating: "idempotency_key", "must be at most 255 bytes without control characters")
    }
    return text.isEmpty ? nil : text
  }

  /// The key of a prediction: 1 to 255 visible ASCII characters; `nil` for an empty field.
  ///
  /// - Throws: ``ServiceError`` `invalidPredictionParameters`.
  package static func ofPrediction(_ text: String) throws(ServiceError) -> String? {
    guard text.utf8.count <= limit, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ServiceError(.invalidPredictionParameters)
    }
    return text.isEmpty ? nil : text
  }
}

/// The rule that names of data sources and data profiles follow: a lowercase letter first, then lowercase letters,
/// digits and underscores, at most 48 characters.
package enum ResourceName {
  /// Whether a text is a name.
  package static func isValid(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, bytes.count <= 48, isLowercaseLetter(first) else { return false }
    return bytes.allSatisfy { isLowercaseLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// Checks that a request's field is a name.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` that names the field.
  package static func validate(_ name: String, field: String = "name") throws(ServiceError) {
    guard isValid(name) else {
      throw ServiceError(
        violating: field,
        "must be 1 to 48 characters: a lowercase letter, then lowercase letters, digits and underscores")
    }
  }

  private static func isLowercaseLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
