import GRPCCore
import NIOPosix
import ServiceKit
import TemporisAPI

/// The checked content of an ingest call.
struct IngestUpload {
  /// The most records of a call.
  static let recordLimit = 100_000
  /// The most records that are held without a share of the memory for large uploads.
  static let smallSize = 1_000

  /// The name of the data source, unchecked.
  let dataSource: String
  private var records: [Temporis_Predict_V1_Record] = []
  private var firstViolation: FieldViolation?
  private var validation: RecordValidation
  /// To be held until its rows are stored.
  private(set) var share: FairLimiter<String>.Share?

  /// Reads a call to its end.
  ///
  /// A bad record does not end the reading: a call with too many records is told that first.
  ///
  /// - Parameter waitForShare: Called once before more than ``smallSize`` records are held; no more is read meanwhile.
  /// - Throws: `tooManyRecords`, or `invalidArgument` for parts out of order; what `waitForShare` throws.
  init(
    reading parts: RPCAsyncSequence<Temporis_Predict_V1_IngestRequest, any Error>, validation: RecordValidation,
    waitForShare: () async throws -> FairLimiter<String>.Share
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
      if count > Self.smallSize, share == nil, firstViolation == nil { share = try await waitForShare() }
      append(batch.records)
    }
  }

  private mutating func append(_ batch: [Temporis_Predict_V1_Record]) {
    guard firstViolation == nil else { return }
    for (offset, record) in batch.enumerated() {
      if let violation = validation.violation(of: record, at: records.count + offset) {
        firstViolation = violation
        records = []
        share = nil
        return
      }
    }
    records += batch
  }

  /// The rows to store.
  ///
  /// - Throws: `invalidArgument`, naming the first bad field: the message is the public API's.
  func rows() async throws -> ObservationRows {
    if let violation = firstViolation {
      throw ServiceError(.invalidArgument, "\(violation.field) \(violation.rule)", violations: [violation])
    }
    guard records.count > Self.smallSize else { return ObservationRows(records) }
    // Sorting them takes long, for which other calls should not wait.
    return try await NIOThreadPool.singleton.runIfActive { [records] in ObservationRows(records) }
  }
}
