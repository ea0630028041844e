import TemporisAPI

/// Rows with one key each, in the order of their keys: name by its bytes, then timestamp.
///
/// All ingests write in this order, so that two that touch the same rows wait for each other and never deadlock.
struct ObservationRows: Sendable {
  private(set) var names: [String] = []
  private(set) var timestamps: [Int64] = []
  private(set) var values: [Double] = []

  var count: Int { names.count }

  /// Of records with one key, the later one stays.
  init(_ records: [Temporis_Predict_V1_Record]) {
    let (series, distinctNames) = Self.series(of: records)
    let order = records.indices.sorted {
      (series[$0], records[$0].timestamp, $0) < (series[$1], records[$1].timestamp, $1)
    }
    names.reserveCapacity(order.count)
    timestamps.reserveCapacity(order.count)
    values.reserveCapacity(order.count)
    for (position, index) in order.enumerated() {
      if position + 1 < order.count {
        let next = order[position + 1]
        if series[next] == series[index], records[next].timestamp == records[index].timestamp { continue }
      }
      names.append(distinctNames[series[index]])
      timestamps.append(records[index].timestamp)
      values.append(records[index].value)
    }
  }

  /// The rank of each record's name among the distinct names, and those names.
  ///
  /// By bytes: Swift takes strings that Unicode holds for equivalent as equal, PostgreSQL does not.
  private static func series(of records: [Temporis_Predict_V1_Record]) -> (ranks: [Int], names: [String]) {
    var numbers: [[UInt8]: Int] = [:]
    var names: [(bytes: [UInt8], name: String)] = []
    var series: [Int] = []
    series.reserveCapacity(records.count)
    for record in records {
      if let last = series.last, names[last].name.utf8.elementsEqual(record.name.utf8) {
        series.append(last)
        continue
      }
      let bytes = Array(record.name.utf8)
      let number = numbers[bytes] ?? names.count
      if number == names.count {
        numbers[bytes] = number
        names.append((bytes, record.name))
      }
      series.append(number)
    }
    let sorted = names.indices.sorted { names[$0].bytes.lexicographicallyPrecedes(names[$1].bytes) }
    var rank = [Int](repeating: 0, count: sorted.count)
    for (position, number) in sorted.enumerated() { rank[number] = position }
    return (series.map { rank[$0] }, sorted.map { names[$0].name })
  }
}
