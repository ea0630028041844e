package import TemporisAPI

/// Whether a profile can serve, in words, with what is missing.
package struct ProfileReadiness: Sendable {
  /// One sentence.
  package let summary: String
  /// What is missing, a sentence each. Empty for a ready profile.
  package let missing: [String]

  /// Judges by what the source holds.
  /// - Parameters:
  ///   - rowCounts: How many rows each series of the source has.
  ///   - isComplete: Whether that is every series of it.
  package init(_ profile: Temporis_Predict_V1_DataProfile, rowCounts: [String: Int64], isComplete: Bool) {
    let shape = ProfileShape(profile.settings)
    let serving =
      "A forecast needs at least \(Count.text(shape.servingPoints)) recent grid points "
      + "(min_patches × patch_len)."
    guard !profile.ready else {
      summary = "There is enough data for the normalization statistics. " + serving
      missing = []
      return
    }
    let grid = DurationText.text(seconds: shape.step)
    summary =
      "The profile is ready once there are \(Count.text(shape.readyPoints)) grid points, \(grid) apart, "
      + "at which every series has a value. \(serving)"
    let source = profile.settings.dataSource
    let needed = Int64(shape.readyPoints)
    var missing: [String] = []
    for name in profile.settings.names {
      switch rowCounts[name] {
      case nil where isComplete: missing.append("“\(name)”: \(source) has no rows of this name yet.")
      case nil: break
      case .some(let rows) where rows < needed:
        let more = Count.text(needed - rows, "more is", "more are")
        missing.append("“\(name)”: \(Count.text(rows, "row", "rows")) so far; at least \(more) needed.")
      case .some: break
      }
    }
    if missing.isEmpty, isComplete {
      missing = [
        "There are rows enough, but not enough grid points: rows may be further apart than the interval, end at "
          + "different times, or fall into the exclude window. Gaps longer than fill_limit buckets do not count."
      ]
    }
    self.missing = missing
  }
}
