import SwiftProtobuf
import TemporisAPI

/// A data profile as it is printed.
struct ProfileReport: Encodable {
  private let profile: Temporis_Predict_V1_DataProfile

  /// Takes a data profile with every default filled in.
  init(_ profile: Temporis_Predict_V1_DataProfile) {
    self.profile = profile
  }

  private enum CodingKeys: String, CodingKey {
    case name, names, interval, ready, statistics
    case dataSource = "data_source"
    case patchLen = "patch_len"
    case patchSpacing = "patch_spacing"
    case numPatches = "num_patches"
    case minPatches = "min_patches"
    case fillLimit = "fill_limit"
    case useDiffs = "use_diffs"
    case excludeWindow = "exclude_window"
  }

  private struct Band: Encodable {
    let name: String
    let lower: Double
    let upper: Double
  }

  func encode(to encoder: any Encoder) throws {
    let settings = profile.settings
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(profile.name, forKey: .name)
    try container.encode(settings.dataSource, forKey: .dataSource)
    try container.encode(settings.names, forKey: .names)
    try container.encode(settings.interval, forKey: .interval)
    try container.encode(settings.patchLen.value, forKey: .patchLen)
    try container.encode(settings.patchSpacing.value, forKey: .patchSpacing)
    try container.encode(settings.numPatches.value, forKey: .numPatches)
    try container.encode(settings.minPatches.value, forKey: .minPatches)
    try container.encode(settings.fillLimit.value, forKey: .fillLimit)
    try container.encode(settings.useDiffs, forKey: .useDiffs)
    try container.encode(window, forKey: .excludeWindow)
    try container.encode(profile.ready, forKey: .ready)
    try container.encode(
      profile.statistics.map { Band(name: $0.name, lower: $0.lower, upper: $0.upper) }, forKey: .statistics)
  }

  /// The profile as rows of setting and value.
  func table(created: String) -> Table {
    let settings = profile.settings
    var table = Table(headings: ["SETTING", "VALUE"])
    table.add(["name", profile.name])
    table.add(["data_source", settings.dataSource])
    table.add(["names", settings.names.joined(separator: ",")])
    table.add(["interval", "\(settings.interval)"])
    table.add(["patch_len", "\(settings.patchLen.value)"])
    table.add(["patch_spacing", "\(settings.patchSpacing.value)"])
    table.add(["num_patches", "\(settings.numPatches.value)"])
    table.add(["min_patches", "\(settings.minPatches.value)"])
    table.add(["fill_limit", "\(settings.fillLimit.value)"])
    table.add(["use_diffs", "\(settings.useDiffs)"])
    table.add(["exclude_window", window ?? "none"])
    table.add(["state", profile.ready ? "ready" : "not ready"])
    for band in profile.statistics {
      table.add(["band of \(band.name)", "\(band.lower) to \(band.upper)"])
    }
    table.add(["created", created])
    return table
  }

  private var window: String? {
    guard profile.settings.hasExcludeWindow else { return nil }
    let window = profile.settings.excludeWindow
    return ExcludeWindowText(
      timeZone: window.timeZone, startMinute: window.startMinute, stopMinute: window.stopMinute
    ).text
  }
}
