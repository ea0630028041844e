import Hummingbird

/// The optional `Idempotency-Key` header of a prediction request.
enum IdempotencyKey {
  /// Reads the header; empty when there is none.
  /// - Throws: ``APIError`` unless there is at most one such header, of 1 to 255 visible ASCII characters.
  static func read(_ headers: HTTPFields) throws(APIError) -> String {
    let fields = headers.filter { $0.name.canonicalName == "idempotency-key" }
    guard let field = fields.first else { return "" }
    guard fields.count == 1, 1...255 ~= field.value.utf8.count, field.value.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
    else {
      throw .invalidPredictionParameters
    }
    return field.value
  }
}
