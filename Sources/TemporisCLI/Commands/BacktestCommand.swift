import ArgumentParser
import LocalStack

/// `temporis backtest`
struct BacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Forecast the newest rows of a CSV file from those before, and score that beside a seasonal naive.",
    discussion: """
      \(SeriesFileOptions.discussion)

      From each of some points near the file's end its next rows are forecast from the rows up to it alone. The table \
      says by step of the horizon how far off that was (CRPS for the whole distribution, MASE for its median) and how \
      many rows the 80 % band held, which should be 80 %. Without a stack, and without a charge.
      """)

  @Argument(help: "The CSV file: timestamp,name,value; - for standard input.")
  var file: String

  @OptionGroup var input: SeriesFileOptions

  @OptionGroup var sampling: SamplingOptions

  @Option(help: "From how many points is forecast, 1 to 200.")
  var origins = 8

  @Option(
    help: ArgumentHelp(
      "The season that the naive forecast repeats. [default: the first that is found in each series]",
      valueName: "points"))
  var season: Int?

  @Option(help: ArgumentHelp("Write charts of the scores and of the last forecasts, as SVG.", valueName: "file"))
  var plot: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard input.interval != nil else { throw ValidationError("Give the grid's bucket by --interval") }
    guard (1...RollingOrigins.limit).contains(origins) else {
      throw ValidationError("--origins must be in 1...\(RollingOrigins.limit)")
    }
    if let season, !(1...100_000).contains(season) { throw ValidationError("--season must be in 1...100000") }
  }

  func run() async throws {
    let rows = try await input.rows(of: file)
    let result = try input.explained {
      let settings = try input.settings(rows)
      let forecaster = try OfflineForecaster(settings: settings, sampling: sampling.sampling)
      return try Backtest(rows, forecaster: forecaster, season: season).run(origins: origins)
    }
    if let plot {
      try BacktestPlot.file(title: SeriesFileOptions.title(of: file), result).write(to: plot, of: file)
    }
    let report = BacktestReport(result)
    if json { return try Output.json(report) }
    report.table.print()
    Terminal.output.line()
    for line in report.summary { Terminal.output.line(line.printable) }
  }
}
