import GRPCCore
import ServiceKit
import TemporisAPI

/// The checked content of an ingest call.
struct IngestUpload {
  /// The most records of a call.
  static let recordLimit = 100_000

  /// The name of the data source, unchecked.
  let dataSource: String
  private var records: [Temporis_Predict_V1_Record] = []
  private var firstViolation: FieldViolation?
  private var validation: RecordValidation

  /// Reads a call to its end.
  ///
  /// A bad record does not end the reading: a call with too many records is told that first.
  /// - Throws: `tooManyRecords`, or `invalidArgument` for parts out of order.
  init(
    reading parts: RPCAsyncSequence<Temporis_Predict_V1_IngestRequest, any Error>, validation: RecordValidation
  ) async throws {
    var iterator = parts.makeAsyncIterator()
    guard case .header(let header)? = try await iterator.next()?.part else {
      throw ServiceError(.invalidArgument, "the first message must be the header")
    }
    dataSource = header.dataSource
    self.validation = validation
    var count = 0
    while let message = try await iterator.next() {
      guard case .batch(let batch)? = message.part else {
        throw ServiceError(.invalidArgument, "every message after the header must be a batch of records")
      }
      count += batch.records.count
      guard count <= Self.recordLimit else { throw ServiceError(.tooManyRecords) }
      append(batch.records)
    }
  }

  private mutating func append(_ batch: [Temporis_Predict_V1_Record]) {
    guard firstViolation == nil else { return }
    for (offset, record) in batch.enumerated() {
      if let violation = validation.violation(of: record, at: records.count + offset) {
        firstViolation = violation
        records = []
        return
      }
    }
    records += batch
  }

  /// The rows to store.
  ///
  /// - Throws: `invalidArgument`, naming the first bad field: the message is the public API's.
  func rows() throws(ServiceError) -> ObservationRows {
    if let violation = firstViolation {
      throw ServiceError(.invalidArgument, "\(violation.field) \(violation.rule)", violations: [violation])
    }
    return ObservationRows(records)
  }
}
