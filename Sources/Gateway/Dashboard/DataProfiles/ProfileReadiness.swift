package import TemporisAPI

/// Whether a profile can serve, in words, with what is missing.
package struct ProfileReadiness: Sendable {
  /// One sentence.
  package let summary: String
  /// Series that the profile names and the source does not have, and those that it has. `nil`: there is none such.
  package let unknownSeries: String?
  /// What is missing besides, a sentence each. Empty for a ready profile.
  package let missing: [String]

  /// Judges by the rows of the source.
  /// - Parameters:
  ///   - rowCounts: How many rows each series of the source has.
  ///   - isComplete: Whether that is every series of it.
  package init(_ profile: Temporis_Predict_V1_DataProfile, rowCounts: [String: Int64], isComplete: Bool) {
    let (forecast, settings) = (profile.forecast, profile.settings)
    let recent = Count.text(forecast.servingPoints, "recent grid point", "recent grid points")
    let serving = "A forecast needs at least \(recent) (min_patches × patch_len)."
    guard !profile.ready else {
      summary = "There is enough data for the normalization statistics. " + serving
      (unknownSeries, missing) = (nil, [])
      return
    }
    summary =
      "The profile is ready with \(Count.text(forecast.readyPoints, "grid point", "grid points")), "
      + "\(DurationText.text(seconds: forecast.stepSeconds)) apart, at which every series has a value. \(serving)"
    let unknown = isComplete ? settings.names.filter { rowCounts[$0] == nil } : []
    unknownSeries = unknown.isEmpty ? nil : Self.unknownText(unknown, of: settings.dataSource, rowCounts.keys.sorted())
    var missing: [String] = settings.names.compactMap { name in
      guard let rows = rowCounts[name], rows < forecast.readyPoints else { return nil }
      let more = Count.text(forecast.readyPoints - rows, "more is", "more are")
      return "“\(name)”: \(Count.text(rows, "row", "rows")) so far; at least \(more) needed."
    }
    if missing.isEmpty, unknown.isEmpty, isComplete {
      missing = [
        "There are rows enough, but not enough grid points: rows may be further apart than the interval, end at "
          + "different times, or fall into the exclude window. Gaps longer than fill_limit buckets do not count."
      ]
    }
    self.missing = missing
  }

  private static func unknownText(_ names: [String], of source: String, _ known: [String]) -> String {
    let text = "\(source) has no rows of \(names.map { "“\($0)”" }.joined(separator: ", "))"
    guard !known.isEmpty else { return text + ", nor any others yet." }
    let rest = known.count > 12 ? " and \(Count.text(known.count - 12)) more" : ""
    return text + ". It has: " + known.prefix(12).joined(separator: ", ") + "\(rest)."
  }
}
