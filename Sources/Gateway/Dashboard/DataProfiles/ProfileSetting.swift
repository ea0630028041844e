/// A field of a data profile's form. The raw value is the field's name; a setting's is that of the public API.
package enum ProfileSetting: String, Sendable, Hashable, CaseIterable {
  case name
  case dataSource = "data_source"
  case names, interval
  case patchLen = "patch_len"
  case patchSpacing = "patch_spacing"
  case numPatches = "num_patches"
  case minPatches = "min_patches"
  case fillLimit = "fill_limit"
  case useDiffs = "use_diffs"
  case timeZone = "time_zone"
  case start, stop
}

extension ProfileSetting {
  /// The settings that are whole numbers.
  package static let numbers: [ProfileSetting] = [
    .interval, .patchLen, .patchSpacing, .numPatches, .minPatches, .fillLimit,
  ]

  /// The default of the public API, which the form of a new profile is filled with: nothing else could tell a person
  /// what an empty field would mean, as there is no profile yet to be asked. `nil`: there is none.
  package var defaultValue: Int64? {
    switch self {
    case .patchLen: 16
    case .patchSpacing: 1
    case .numPatches: 32
    case .minPatches: 4
    case .fillLimit: 2
    case .name, .dataSource, .names, .interval, .useDiffs, .timeZone, .start, .stop: nil
    }
  }

  /// The text above the field.
  var label: String {
    switch self {
    case .name: "Name"
    case .dataSource: "Data source"
    case .names: "Series"
    case .interval: "Interval, in seconds"
    case .patchLen: "Points in a patch"
    case .patchSpacing: "Patch spacing"
    case .numPatches: "Most patches of history"
    case .minPatches: "Fewest patches to serve"
    case .fillLimit: "Fill limit, in buckets"
    case .useDiffs: "Model growth instead of the level"
    case .timeZone: "Time zone"
    case .start: "Start"
    case .stop: "Stop"
    }
  }

  /// The meaning of the setting.
  private var meaning: String {
    switch self {
    case .name:
      "A lowercase letter first, then lowercase letters, digits and underscores; at most 48 characters. "
        + "Requests ask for the profile by it, and it cannot be changed later."
    case .dataSource: "The source whose rows are read."
    case .names: "One per line, named as in the rows. Several are forecast jointly."
    case .interval: "The grid's bucket. The grid is anchored on the latest row; several rows in a bucket are averaged."
    case .patchLen: "A patch is the unit that the model reads and writes."
    case .patchSpacing: "The stride between the points used: a forecast's step is interval × patch_spacing."
    case .numPatches: "How much is read at most. The more is read, the longer is a forecast."
    case .minPatches: "With fewer patches of recent rows a forecast is refused."
    case .fillLimit:
      "The longest run of empty buckets that is filled with the value before it; a longer gap is dropped."
    case .useDiffs: "Logarithmic growth from point to point: for series that grow by factors."
    case .timeZone:
      "An IANA name, such as America/New_York. Daylight saving follows it. Leave all three empty for no window."
    case .start: "HH:MM. The first minute that is left out."
    case .stop: "HH:MM. The first minute that counts again; before the start it is on the next day."
    }
  }

  /// The text below the field: what the setting means, after its name and default.
  var help: String {
    switch self {
    case .name, .timeZone, .start, .stop: meaning
    case .useDiffs: "use_diffs, off by default. \(meaning)"
    default: rawValue + (defaultValue.map { ", default \($0)" } ?? "") + ". " + meaning
    }
  }
}
