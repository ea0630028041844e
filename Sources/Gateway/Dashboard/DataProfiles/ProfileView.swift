import ForecastChart
import SwiftProtobuf
import TemporisAPI

/// A data profile, its settings and its readiness.
struct ProfileView: Sendable {
  /// A setting and its value.
  struct Fact: Sendable {
    let label: String
    /// The setting's name in the public API.
    let setting: String
    let value: String
  }

  /// The normalization band of a series.
  struct Band: Sendable {
    let name: String
    let lower: String
    let upper: String
  }

  let row: ProfileRow
  let facts: [Fact]
  let names: [String]
  let summary: String
  /// Series that the source does not have.
  let unknownSeries: String?
  let missing: [String]
  let bands: [Band]
  /// What the model reads. `nil`: it is not known just now.
  let context: ContextView?
  let created: TimeText
  /// Where it is made public, or public no longer. `nil`: its account is not the operator's.
  let publicationPath: String?
  let editPath: String
  let deletionPath: String

  init(_ profile: Temporis_Predict_V1_DataProfile, readiness: ProfileReadiness, context: ContextView?) {
    row = ProfileRow(profile)
    self.context = context
    names = profile.settings.names
    facts = Self.facts(profile)
    summary = readiness.summary
    unknownSeries = readiness.unknownSeries
    missing = readiness.missing
    bands = profile.statistics.map { band in
      let style = NumberStyle(low: band.lower, high: band.upper)
      return Band(name: band.name, lower: style.text(band.lower), upper: style.text(band.upper))
    }
    created = TimeText(profile.createTime)
    publicationPath = profile.publishable ? row.path + (profile.published ? "/unpublish" : "/publish") : nil
    editPath = row.path + "/edit"
    deletionPath = row.path + "/delete"
  }

  private static func facts(_ profile: Temporis_Predict_V1_DataProfile) -> [Fact] {
    let (settings, forecast) = (profile.settings, profile.forecast)
    let window = settings.excludeWindow
    let (start, stop) = (ClockTime(minute: Int(window.startMinute)), ClockTime(minute: Int(window.stopMinute)))
    let exclude = settings.hasExcludeWindow ? "\(window.timeZone) \(start)–\(stop)" : "none"
    let steps = Count.text(forecast.horizonSteps, "step", "steps")
    return [
      Fact(label: "Interval", setting: "interval", value: seconds(settings.interval)),
      Fact(label: "Points in a patch", setting: "patch_len", value: Count.text(settings.patchLen.value)),
      Fact(label: "Patch spacing", setting: "patch_spacing", value: Count.text(settings.patchSpacing.value)),
      Fact(label: "Most patches of history", setting: "num_patches", value: Count.text(settings.numPatches.value)),
      Fact(label: "Fewest patches to serve", setting: "min_patches", value: Count.text(settings.minPatches.value)),
      Fact(
        label: "Fill limit", setting: "fill_limit", value: Count.text(settings.fillLimit.value, "bucket", "buckets")),
      Fact(label: "Model growth", setting: "use_diffs", value: settings.useDiffs ? "yes" : "no"),
      Fact(label: "Exclude window", setting: "exclude_window", value: exclude),
      Fact(
        label: "A forecast", setting: "",
        value: "\(steps) of \(DurationText.text(seconds: forecast.stepSeconds)), "
          + "\(Count.text(forecast.tokensPerTrajectory)) model tokens a trajectory"),
    ]
  }

  private static func seconds(_ seconds: Int64) -> String {
    let (plain, words) = (Count.text(seconds, "second", "seconds"), DurationText.text(seconds: seconds))
    return plain == words ? plain : "\(plain) (\(words))"
  }
}
