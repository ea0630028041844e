import ArgumentParser
import LocalStack

/// `temporis forecast`
struct ForecastCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Forecast a CSV file on this machine, without a stack and without a charge.",
    discussion: """
      \(SeriesFileOptions.discussion)

      With --jsonl each line of standard input is a JSON object {"id", "interval", "patch_len", "horizon_patches", \
      "context": [[a number for each series], …]}, and may have "count", "temperature", "top_p", "seed" and \
      "use_diffs"; each is answered with a line {"id", "samples": [count][steps][series], "loss": [count]} or \
      {"id", "error"}.
      """)

  @Argument(help: "The CSV file: timestamp,name,value; - for standard input.")
  var file: String?

  @Flag(help: "Read contexts as lines of JSON from standard input in place of a file.")
  var jsonl = false

  @OptionGroup var input: SeriesFileOptions

  @OptionGroup var sampling: SamplingOptions

  @Option(help: ArgumentHelp("The quantiles of the trajectories that are told, 0 to 1.", valueName: "levels"))
  var quantiles = QuantileLevels.fan

  @Option(help: ArgumentHelp("Write a chart of each series, as SVG.", valueName: "file"))
  var plot: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  @Flag(help: "Print CSV: timestamp,name and the quantiles.")
  var csv = false

  func validate() throws {
    guard jsonl == (file == nil) else { throw ValidationError("Name a CSV file, or give --jsonl, and not both") }
    guard jsonl || input.interval != nil else { throw ValidationError("Give the grid's bucket by --interval") }
    guard [json, csv, jsonl].count(where: { $0 }) <= 1 else {
      throw ValidationError("Give one of --json, --csv and --jsonl")
    }
    guard !jsonl || plot == nil else { throw ValidationError("--plot draws a file, and not --jsonl") }
  }

  func run() async throws {
    guard let file else { return try await answerLines() }
    let rows = try await input.rows(of: file)
    let forecasts = try input.explained {
      let settings = try input.settings(rows)
      return try OfflineForecaster(settings: settings, sampling: sampling.sampling).forecast(rows).series
    }
    if let plot {
      try ForecastPlot.file(title: SeriesFileOptions.title(of: file), forecasts).write(to: plot, of: file)
    }
    let report = ForecastReport(forecasts, levels: quantiles)
    if json { return try Output.json(report) }
    if csv { return Terminal.output.line(report.csv.joined(separator: "\n")) }
    for (place, forecast) in forecasts.enumerated() {
      if place > 0 { Terminal.output.line() }
      ForecastOutput.print(forecast, report: report)
    }
  }

  /// Answers each line of standard input, one at a time.
  private func answerLines() async throws {
    let chunks = try FileChunks(path: "-")
    var splitter = LineSplitter()
    var (number, refusals) = (0, 0)
    func answer(_ line: LineSplitter.Line) {
      number += 1
      guard let answer = ForecastAnswer(to: line, number: number, defaults: sampling.sampling) else { return }
      if answer.isRefusal { refusals += 1 }
      Terminal.output.line(answer.text)
    }
    while case let chunk = try await chunks.next(), !chunk.isEmpty {
      for line in splitter.read(chunk) { answer(line) }
    }
    if let line = splitter.finish() { answer(line) }
    guard refusals == 0 else {
      throw CommandFailure("\(Count.grouped(refusals, "line")) of \(Count.grouped(number)) got an error for an answer")
    }
  }
}
