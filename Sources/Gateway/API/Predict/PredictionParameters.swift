import HTTPTypes
import TemporisAPI

/// The body of a prediction request.
struct PredictionParameters: Sendable {
  private var dataProfile: String?
  private var count: JSONNumber?
  private var temperature: JSONNumber?
  private var topP: JSONNumber?

  /// Reads a body and makes the service's request of it.
  /// - Throws: ``APIError``: one 400 for whatever is wrong.
  static func request(_ bytes: [UInt8]) throws(APIError) -> Temporis_Predict_V1_PredictRequest {
    var parameters = PredictionParameters()
    do throws(JSONSyntaxError) {
      var scanner = try JSONScanner(bytes)
      try parameters.read(&scanner)
      try scanner.finish()
    } catch {
      throw .invalidPredictionParameters
    }
    return try parameters.request()
  }

  private mutating func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    // What is no object has no parameters.
    _ = try scanner.objectIfAny { scanner, name throws(JSONSyntaxError) in
      switch name {
      case "data_profile": dataProfile = try scanner.stringIfAny()
      case "count": count = try scanner.numberIfAny()
      case "temperature": temperature = try scanner.numberIfAny()
      case "top_p": topP = try scanner.numberIfAny()
      default: try scanner.skip()
      }
    }
  }

  private func request() throws(APIError) -> Temporis_Predict_V1_PredictRequest {
    guard let dataProfile,
      let count = count?.integer, 1...1_000 ~= count,
      let temperature = temperature?.value, temperature > 0, temperature.isFinite,
      let topP = topP?.value, 0...1 ~= topP
    else { throw .invalidPredictionParameters }
    var request = Temporis_Predict_V1_PredictRequest()
    request.dataProfile = dataProfile
    request.count = Int32(count)
    request.temperature = temperature
    request.topP = topP
    return request
  }
}

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
