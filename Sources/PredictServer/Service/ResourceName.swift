import ServiceKit

/// The rule that names of data sources and data profiles follow: first a lowercase letter, then lowercase letters, digits
/// and underscores, at most 48 characters.
package enum ResourceName {
  /// Whether a text is a name.
  package static func isValid(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, bytes.count <= 48, isLowercaseLetter(first) else { return false }
    return bytes.allSatisfy { isLowercaseLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// Throws `invalidArgument`, naming the field, when a text is no name.
  static func validate(_ name: String, field: String = "name") throws(ServiceError) {
    guard isValid(name) else {
      throw ServiceError(
        .invalidArgument,
        "\(field) must be 1 to 48 characters: a lowercase letter, then lowercase letters, digits and underscores")
    }
  }

  private static func isLowercaseLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
