import TemporisAPI

/// The members of an ingest request's body. The later one counts when a member comes twice.
///
/// All of the text is read whatever is wrong with its values: whether it is JSON at all, and how many records it holds,
/// comes first.
struct IngestBodyFields {
  /// The error of the body as a whole.
  private(set) var problem: String?
  /// `data_source`, when it is a string.
  private(set) var dataSource: String?
  /// Whether `records` is an array.
  private(set) var hasRecords = false
  /// The number of elements of `records`, good or bad.
  private(set) var recordCount = 0
  /// The error of the first bad record.
  private(set) var recordProblem: String?
  /// The records before the first bad one.
  private(set) var batches: [Temporis_Predict_V1_RecordBatch] = []

  /// Reads the body.
  mutating func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    let isObject = try scanner.objectIfAny { scanner, name throws(JSONSyntaxError) in
      switch name {
      case "data_source": dataSource = try scanner.stringIfAny()
      case "records": try readRecords(&scanner)
      default: try scanner.skip()
      }
    }
    if !isObject { problem = "Request body must be a JSON object" }
  }

  private mutating func readRecords(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    (recordCount, recordProblem, batches) = (0, nil, [])
    hasRecords = try scanner.arrayIfAny { scanner throws(JSONSyntaxError) in
      defer { recordCount += 1 }
      var fields = RecordFields()
      let isObject = try fields.read(&scanner)
      guard recordProblem == nil, recordCount < IngestBody.recordLimit else { return }
      switch fields.record {
      case _ where !isObject: recordProblem = "records[\(recordCount)] must be an object"
      case .success(let record): append(record)
      case .failure(let problem): recordProblem = "records[\(recordCount)].\(problem.description)"
      }
    }
  }

  private mutating func append(_ record: Temporis_Predict_V1_Record) {
    if recordCount.isMultiple(of: IngestBody.batchSize) { batches.append(.init()) }
    batches[batches.count - 1].records.append(record)
  }
}
