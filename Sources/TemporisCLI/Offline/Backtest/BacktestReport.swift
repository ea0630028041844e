import ForecastChart

/// A backtest as it is printed: the scores of each part of the horizon, beside those of ``SeasonalNaive``.
package struct BacktestReport: Encodable {
  /// One part of the horizon, or all of it.
  struct Row: Encodable {
    let firstStep: Int
    let lastStep: Int
    let points: Int
    @OrNull var crps: Double?
    @OrNull var naiveCrps: Double?
    @OrNull var mase: Double?
    @OrNull var naiveMase: Double?
    @OrNull var coverage: Double?
    @OrNull var naiveCoverage: Double?

    init(_ part: BacktestResult.Part) {
      firstStep = part.steps.lowerBound
      lastStep = part.steps.upperBound
      points = part.engine.count
      crps = part.engine.crps
      naiveCrps = part.naive.crps
      mase = part.engine.mase
      naiveMase = part.naive.mase
      coverage = part.engine.coverage
      naiveCoverage = part.naive.coverage
    }
  }

  /// The season of one series, in points.
  struct Season: Encodable {
    let name: String
    let points: Int
  }

  /// Unix seconds.
  let origins: [Int64]
  let seasons: [Season]
  @OrNull var relativeCrps: Double?
  let parts: [Row]
  let all: Row

  /// Takes what a backtest found.
  package init(_ result: BacktestResult) {
    origins = result.origins
    seasons = zip(result.names, result.seasons).map { Season(name: $0, points: $1) }
    relativeCrps = result.relativeCRPS
    parts = result.parts.map { Row($0) }
    all = Row(result.all)
  }

  /// The parts of the horizon, and the whole.
  package var table: Table {
    var table = Table(
      headings: ["STEPS", "POINTS", "CRPS", "NAIVE", "MASE", "NAIVE", "IN 80 % BAND", "NAIVE"])
    let rows = parts + [all]
    let scores = rows.flatMap { [$0.crps, $0.naiveCrps, $0.mase, $0.naiveMase].compactMap(\.self) }
    let style = NumberStyle(low: 0, high: max(1, scores.max() ?? 0))
    func score(_ value: Double?) -> String { value.map { style.text($0) } ?? "-" }
    func share(_ value: Double?) -> String { value.map { "\(Int(($0 * 100).rounded())) %" } ?? "-" }
    for (place, row) in rows.enumerated() {
      let steps = row.firstStep == row.lastStep ? "\(row.firstStep)" : "\(row.firstStep)-\(row.lastStep)"
      table.add([
        place == parts.count ? "all" : steps, Count.grouped(row.points), score(row.crps), score(row.naiveCrps),
        score(row.mase), score(row.naiveMase), share(row.coverage), share(row.naiveCoverage),
      ])
    }
    return table
  }

  /// What the table means, in words.
  package var summary: [String] {
    let times = origins.map { TimestampText.text(unixSeconds: $0) }
    let ends = times.count > 1 ? "from \(times.first ?? "") to \(times.last ?? "")" : times.first ?? ""
    let seasons = seasons.map { season in
      "\(season.name): " + (season.points > 1 ? Count.grouped(season.points, "point") : "none")
    }
    var lines = [
      "\(Count.grouped(origins.count, "origin")), \(ends). Seasons: \(seasons.joined(separator: ", ")).",
      "CRPS and MASE are in units of the mean change over a season. NAIVE repeats the last season. Less is better.",
    ]
    if let relativeCrps {
      let style = NumberStyle(low: 0, high: max(1, relativeCrps))
      lines.append("CRPS relative to NAIVE: \(style.text(relativeCrps)).")
    }
    return lines
  }
}
