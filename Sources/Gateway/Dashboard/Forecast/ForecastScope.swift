/// The part of a forecast that one page shows: a prediction may hold 64 series of thousands of rows, a page 100 KiB.
package struct ForecastScope: Sendable, Hashable {
  /// The most rows that are drawn and listed; of a longer forecast every so many.
  package static let rowLimit = 192
  /// The most lines of all tables together.
  private static let lineLimit = 256
  /// The most points of all trajectories that are drawn.
  private static let pointLimit = 1_800
  private static let seriesLimit = 6
  private static let pathLimit = 20

  /// The series that are shown.
  package let series: Range<Int>
  /// The number of all of them.
  package let seriesCount: Int
  /// The rows that are shown: every `stride`th, and the last.
  package let rows: [Int]
  /// The number of all of them.
  package let rowCount: Int
  package let stride: Int
  /// The number of trajectories that are drawn.
  package let paths: Int
  /// The most series of a page.
  package let pageLength: Int

  /// Chooses.
  /// - Parameter first: The first series to show, as a form asked for it.
  package init(seriesCount: Int, rowCount: Int, trajectories: Int, first: Int = 0) {
    self.seriesCount = seriesCount
    self.rowCount = rowCount
    let stride = max(1, (rowCount + Self.rowLimit - 1) / Self.rowLimit)
    self.stride = stride
    rows = Swift.stride(from: rowCount - 1, through: 0, by: -stride).reversed()
    let length = min(Self.seriesLimit, max(1, Self.lineLimit / max(rows.count, 1)))
    pageLength = length
    // Pages of series begin at fixed ones, whatever was asked for.
    let begin = min(max(first, 0), max(seriesCount - 1, 0)) / length * length
    series = begin..<min(begin + length, seriesCount)
    let points = max(rows.count * series.count, 1)
    paths = min(trajectories, Self.pathLimit, max(1, Self.pointLimit / points))
  }
}
