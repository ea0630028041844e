import Forecasting

/// Reads the series of a CSV file into memory, with the rules by which the service takes rows.
package struct SeriesCollector {
  /// The most rows that are kept: 16 bytes each.
  package static let rowLimit = 10_000_000
  /// The most series, as of a data profile.
  package static let seriesLimit = 64
  /// The instants that rows may have, in Unix seconds: the years 1970 to 9999.
  private static let instants: ClosedRange<Int64> = 0...253_402_300_799

  /// Whether only some of the file's series are kept.
  private let isSelection: Bool
  private let rowLimit: Int
  private var parser = CSVParser()
  private var reader = ObservationReader()
  private var names: [String] = []
  private var places: [String: Int] = [:]
  private var timestamps: [[Int64]] = []
  private var values: [[Double]] = []
  private var rowCount = 0

  /// Creates a collector at the start of a file.
  ///
  /// - Parameter series: The series that are kept, in their order; none for all, in the order of their first rows.
  package init(series: [String] = [], rowLimit: Int = Self.rowLimit) throws {
    isSelection = !series.isEmpty
    self.rowLimit = rowLimit
    for name in series where places[name] == nil { try add(name, line: nil) }
  }

  /// Reads the next bytes of the file.
  ///
  /// - Throws: `CSVError` with the line that cannot be read.
  package mutating func read(_ chunk: [UInt8]) throws {
    var parser = parser
    try parser.read(chunk) { try take($0) }
    self.parser = parser
  }

  /// Reads the end of the file.
  ///
  /// - Returns: The series, each with a row at least.
  package mutating func finish() throws -> [SeriesRows] {
    var parser = parser
    try parser.finish { try take($0) }
    guard !names.isEmpty else { throw CommandFailure("The file holds no rows") }
    if let place = timestamps.firstIndex(where: \.isEmpty) {
      throw CommandFailure("The file holds no rows of the series \"\(names[place])\"")
    }
    return names.indices.map { SeriesRows(name: names[$0], timestamps: timestamps[$0], values: values[$0]) }
  }

  private mutating func take(_ record: CSVRecord) throws {
    guard let row = try reader.read(record) else { return }
    guard Self.instants.contains(row.timestamp) else {
      let range = "\(Self.instants.lowerBound) to \(Self.instants.upperBound)"
      throw CSVError(line: record.line, "timestamp must be \(range), not \(row.timestamp)")
    }
    guard let place = try place(of: row.name, line: record.line) else { return }
    guard rowCount < rowLimit else {
      throw CSVError(
        line: record.line, "the file has more than \(Count.grouped(rowLimit)) rows; choose some series by --series")
    }
    timestamps[place].append(row.timestamp)
    values[place].append(row.value)
    rowCount += 1
  }

  /// `nil`: the series is not kept.
  private mutating func place(of name: String, line: Int) throws -> Int? {
    if let place = places[name] { return place }
    return isSelection ? nil : try add(name, line: line)
  }

  @discardableResult
  private mutating func add(_ name: String, line: Int?) throws -> Int {
    func failure(_ text: String) -> any Error {
      guard let line else { return CommandFailure(text) }
      return CSVError(line: line, text)
    }
    do {
      try ForecastSettings.validate(name: name)
    } catch {
      throw failure(error.message)
    }
    guard names.count < Self.seriesLimit else {
      throw failure("there are more than \(Self.seriesLimit) series; choose some by --series")
    }
    names.append(name)
    timestamps.append([])
    values.append([])
    places[name] = names.count - 1
    return names.count - 1
  }
}
