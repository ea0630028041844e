import Hummingbird
import TemporisAPI

/// The body of an ingest request, checked.
struct IngestBody: Sendable {
  /// The most records of a request.
  static let recordLimit = 100_000
  /// The records in one message to the service: about 1.2 MiB with the longest names; it takes 4 MiB.
  static let batchSize = 4_096

  /// The data source that takes the rows. Not checked against the rules of such names: none by it will be found.
  let dataSource: String
  /// The records in the order of the request.
  let batches: [Temporis_Predict_V1_RecordBatch]

  /// Reads a body.
  /// - Throws: ``APIError``: the 400 that names the first bad thing, or the 413 for too many records.
  init(_ bytes: [UInt8]) throws(APIError) {
    var fields = IngestBodyFields()
    do throws(JSONSyntaxError) {
      var scanner = try JSONScanner(bytes)
      try fields.read(&scanner)
      try scanner.finish()
    } catch {
      // NaN in a field is told like any other value that cannot be taken there.
      let isField = error.isMistyped && !error.path.isEmpty
      throw .malformed(isField ? "\(error.path) \(error.problem)" : "Request body must be valid JSON: \(error)")
    }
    if fields.recordCount > Self.recordLimit { throw .bodyTooLarge }
    if let problem = fields.problem { throw .malformed(problem) }
    guard let dataSource = fields.dataSource else { throw .malformed("data_source must be a string") }
    guard fields.hasRecords else { throw .malformed("records must be an array") }
    if let problem = fields.recordProblem { throw .malformed(problem) }
    self.dataSource = dataSource
    self.batches = fields.batches
  }
}

extension APIError {
  /// An ingest body that cannot be taken, and why.
  fileprivate static func malformed(_ detail: String) -> APIError {
    APIError(.badRequest, detail)
  }
}
