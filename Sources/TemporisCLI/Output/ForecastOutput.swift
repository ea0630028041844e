import ForecastChart
import Foundation
import LocalStack

/// Prints a forecast for a person.
enum ForecastOutput {
  /// The widest sketch, and the fewest observations of one.
  private static let (widest, fewestObserved) = (100, 24)

  /// Prints the name of a series, a sketch of its forecast and a table.
  static func print(_ forecast: SeriesForecast, report: ForecastReport) {
    let terminal = Terminal.output
    terminal.line(terminal.bold(forecast.name.printable))
    terminal.line()
    for line in sketch(forecast, on: terminal) { terminal.line(line) }
    terminal.line()
    report.table(forecast).print()
  }

  private static func sketch(_ forecast: SeriesForecast, on terminal: Terminal) -> [String] {
    let drawn = max(fewestObserved, 2 * forecast.timestamps.count)
    let observed = Array(forecast.history.flatMap(\.self).suffix(drawn))
    let sketch = Sketch(
      history: observed.map(\.value), fan: forecast.fan, columns: min(terminal.columns - 1, widest),
      isPlain: !terminal.hasColours)
    let times = RowTimes(observed.map(\.timestamp) + forecast.timestamps)
    return sketch.lines(
      from: times.text(observed.first?.timestamp ?? forecast.predictFrom),
      to: times.text(forecast.timestamps.last ?? forecast.predictFrom))
  }
}

extension ChartFile {
  /// Writes the chart to a file, in place of what is in it. What is no regular file is written to as it is.
  ///
  /// - Parameter input: The file that the chart is of, which is not written over.
  func write(to path: String, of input: String) throws {
    let files = FileManager.default
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    func identity(_ path: String) -> [Int]? {
      let found = try? files.attributesOfItem(atPath: path)
      return found.map { [$0[.systemNumber], $0[.systemFileNumber]].map { ($0 as? Int) ?? -1 } }
    }
    let source = URL(fileURLWithPath: input).resolvingSymlinksInPath()
    if let target = identity(url.path), target == identity(source.path) {
      throw CommandFailure("\(path) is the file that is read: name another one for the plot")
    }
    do {
      let old = try? files.attributesOfItem(atPath: url.path)
      guard old == nil || old?[.type] as? FileAttributeType == .typeRegular else {
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: Data(text.utf8))
        return try handle.close()
      }
      try Data(text.utf8).write(to: url, options: .atomic)
      if let mode = old?[.posixPermissions] {
        try files.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
      }
    } catch {
      throw CommandFailure("\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}
