import ServiceKit

/// The rules of the keys that make a retry safe. An empty field is no key.
enum IdempotencyKey {
  private static let limit = 255

  /// The key of a creating call: at most 255 bytes, no control characters.
  ///
  /// - Throws: `invalidArgument`.
  static func ofCreation(_ text: String) throws(ServiceError) -> String? {
    guard text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw ServiceError(.invalidArgument, "idempotency_key must be at most 255 bytes without control characters")
    }
    return text.isEmpty ? nil : text
  }

  /// The key of a prediction: 1 to 255 visible ASCII characters.
  ///
  /// - Throws: `invalidPredictionParameters`.
  static func ofPrediction(_ text: String) throws(ServiceError) -> String? {
    guard text.utf8.count <= limit, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ServiceError(.invalidPredictionParameters)
    }
    return text.isEmpty ? nil : text
  }
}
