import SwiftProtobuf
package import TemporisAPI

/// The form of a data profile as it was filled in: texts, whatever they are.
package struct ProfileForm: Sendable, Hashable {
  private var texts: [ProfileSetting: String]
  /// Whether growth is modelled instead of the level.
  package var usesDiffs: Bool

  /// The form of a new profile: every default filled in.
  package init(dataSource: String = "") {
    texts = [:]
    for setting in ProfileSetting.allCases { texts[setting] = setting.defaultValue.map { String($0) } }
    texts[.dataSource] = dataSource
    usesDiffs = false
  }

  /// A form that was sent.
  package init(_ fields: FormFields) {
    texts = [:]
    for setting in ProfileSetting.allCases where setting != .useDiffs {
      // The names of series may begin and end with spaces.
      texts[setting] = setting == .names ? fields[setting.rawValue] : fields.text(setting.rawValue)
    }
    usesDiffs = fields.contains(ProfileSetting.useDiffs.rawValue)
  }

  /// The form of a profile that there is.
  package init(_ profile: Temporis_Predict_V1_DataProfile) {
    let settings = profile.settings
    texts = [
      .name: profile.name, .dataSource: settings.dataSource, .names: settings.names.joined(separator: "\n"),
      .interval: String(settings.interval), .patchLen: String(settings.patchLen.value),
      .patchSpacing: String(settings.patchSpacing.value), .numPatches: String(settings.numPatches.value),
      .minPatches: String(settings.minPatches.value), .fillLimit: String(settings.fillLimit.value),
    ]
    if settings.hasExcludeWindow {
      texts[.timeZone] = settings.excludeWindow.timeZone
      texts[.start] = ClockTime(minute: Int(settings.excludeWindow.startMinute)).description
      texts[.stop] = ClockTime(minute: Int(settings.excludeWindow.stopMinute)).description
    }
    usesDiffs = settings.useDiffs
  }

  /// What a field holds; empty when it holds nothing.
  package subscript(setting: ProfileSetting) -> String {
    get { texts[setting] ?? "" }
    set { texts[setting] = newValue }
  }

  /// The series: one per line, as they were written, without blank lines.
  ///
  /// Lines end as browsers send them (HTML, section 4.10.22.4). Other line separators of Unicode belong to a name.
  package var seriesNames: [String] {
    self[.names].utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      let isBlank = line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      return isBlank ? nil : String(Substring(line))
    }
  }
}
