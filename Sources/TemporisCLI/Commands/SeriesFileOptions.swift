import ArgumentParser
package import Forecasting
import Foundation

/// A CSV file's series and how a forecast reads them, for commands that need no stack.
package struct SeriesFileOptions: ParsableArguments {
  /// The fewest points of a forecast.
  private static let fewestPoints = 3
  /// Points in one patch, unless the file holds fewer.
  private static let patchLength = 16
  /// The grid points among which those of a short file are counted: the most that there can be with patches of one.
  private static let probeLength = 512

  @Option(help: ArgumentHelp("The grid's bucket in seconds.", valueName: "seconds"))
  var interval: Int64?

  @Option(
    help: ArgumentHelp(
      "A series of the file, exactly as it is named; repeated, several. [default: all of them]", valueName: "name"))
  var series: [String] = []

  @OptionGroup var patches: PatchOptions

  @Option(
    name: .customLong("horizon-patches"), help: "Patches to forecast, 1 to 8. [default: an eighth of --num-patches]")
  var horizonPatches: Int?

  package init() {}

  /// What the help says of the file and of short ones.
  static let discussion = """
    The file is one that `temporis ingest` reads. Several series are forecast jointly, from the points that all of \
    them have. Three points are the fewest: unless --patch-len or --min-patches is given, a patch has no more points \
    than the file, and one patch is enough.
    """

  /// Reads the rows of a file.
  func rows(of path: String) async throws -> [SeriesRows] {
    let chunks = try FileChunks(path: path)
    do {
      var collector = try SeriesCollector(series: series)
      while case let chunk = try await chunks.next(), !chunk.isEmpty { try collector.read(chunk) }
      return try collector.finish()
    } catch let error as CSVError {
      throw CommandFailure("\(path == "-" ? "standard input" : path):\(error)")
    }
  }

  /// The settings of a forecast of these rows.
  ///
  /// - Throws: `ForecastError` for settings out of range, and `CommandFailure` for too few rows.
  package func settings(_ rows: [SeriesRows]) throws -> ForecastSettings {
    guard let interval else { throw ValidationError("Give the grid's bucket in seconds by --interval") }
    let window = try patches.excludeWindow.map {
      try ExcludeWindow(
        timeZone: $0.timeZone, startMinute: Int($0.startMinute), stopMinute: Int($0.stopMinute))
    }
    func settings(patchLength: Int, numPatches: Int, minPatches: Int) throws -> ForecastSettings {
      try ForecastSettings(
        names: rows.map(\.name), interval: interval, patchLength: patchLength,
        patchSpacing: patches.patchSpacing.map { Int($0) } ?? 1, numPatches: numPatches, minPatches: minPatches,
        fillLimit: patches.fillLimit.map { Int($0) } ?? 2, usesDiffs: patches.useDiffs, excludeWindow: window,
        horizonPatches: horizonPatches)
    }
    let probe = try settings(patchLength: 1, numPatches: Self.probeLength, minPatches: 1)
    let context = try? ForecastContext(observations: rows.map { $0.observations() }, settings: probe)
    let points = context?.channels.first?.count ?? 0
    guard points >= Self.fewestPoints else {
      throw CommandFailure(
        "\(Count.grouped(points, "point")) on the grid, where a forecast needs \(Self.fewestPoints): give more rows "
          + "of every series, or another --interval")
    }
    return try settings(
      patchLength: patches.patchLen.map { Int($0) } ?? min(Self.patchLength, points),
      numPatches: patches.numPatches.map { Int($0) } ?? 32, minPatches: patches.minPatches.map { Int($0) } ?? 1)
  }

  /// Does what the engine may refuse, and says in the words of the command line why it does.
  func explained<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as ForecastError where error.code == .notEnoughData {
      let reason = error.message.prefix { $0 != ";" }
      throw CommandFailure(
        "Too few rows: \(reason). Give more of them, or smaller --patch-len, --min-patches or --horizon-patches")
    } catch let error as ForecastError {
      let names = PatchOptions.fieldNames.merging([
        "interval": "--interval", "names": "--series", "horizon_patches": "--horizon-patches",
      ]) { first, _ in first }
      throw CommandFailure(error, fieldNames: names)
    }
  }

  /// What a file is called in a chart.
  static func title(of path: String) -> String {
    path == "-" ? "standard input" : URL(fileURLWithPath: path).lastPathComponent
  }
}
