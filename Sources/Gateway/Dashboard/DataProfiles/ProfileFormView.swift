// The one place of the gateway that needs a time zone database.
import Foundation

/// The form that makes or changes a data profile.
struct ProfileFormView: Sendable {
  /// The profile that is changed. `nil`: a new one is made.
  let editedName: String?
  /// Where the form is sent.
  let action: String
  let cancelPath: String
  /// Makes a repeated creation safe.
  let key: String
  let problem: String?
  /// Whether there is no source that a profile could read.
  let hasNoSource: Bool
  let name: FormField?
  let source: ChoiceField
  let names: FormField
  /// The series that the chosen source has.
  let knownSeries: String?
  let interval: FormField
  let grid: [FormField]
  let growth: CheckField
  let timeZone: ChoiceField
  let times: [FormField]

  init(
    _ form: ProfileForm, editedName: String?, key: String, sources: SourceChoice,
    errors: [ProfileSetting: String] = [:], problem: String? = nil
  ) {
    self.editedName = editedName
    let path = editedName.map { ProfileRow.path(of: $0) }
    action = path.map { $0 + "/edit" } ?? "/dashboard/new-profile"
    cancelPath = path ?? "/dashboard/profiles"
    self.key = key
    self.problem = problem ?? (errors.isEmpty ? nil : Self.summary(errors.count))
    hasNoSource = sources.options.isEmpty
    func field(_ setting: ProfileSetting, placeholder: String? = nil, inputMode: String? = nil) -> FormField {
      FormField(
        setting.rawValue, label: setting.label, value: form[setting], help: setting.help, error: errors[setting],
        required: setting == .name || setting == .interval, autocomplete: "off", placeholder: placeholder,
        inputMode: inputMode, rule: setting == .name ? "resource-name" : nil,
        isCode: !ProfileSetting.numbers.contains(setting))
    }
    name = editedName == nil ? field(.name, placeholder: "hourly_orders") : nil
    source = ChoiceField(
      ProfileSetting.dataSource.rawValue, label: ProfileSetting.dataSource.label, value: form[.dataSource],
      options: sources.options, isSelect: sources.isComplete, help: ProfileSetting.dataSource.help,
      error: errors[.dataSource])
    names = field(.names, placeholder: "orders")
    knownSeries = sources.knownSeries
    interval = field(.interval, placeholder: "3600", inputMode: "numeric")
    grid = ProfileSetting.numbers.filter { $0 != .interval }.map { setting in
      field(setting, placeholder: setting.defaultValue.map { String($0) }, inputMode: "numeric")
    }
    growth = CheckField(
      name: ProfileSetting.useDiffs.rawValue, label: ProfileSetting.useDiffs.label, isOn: form.usesDiffs,
      help: ProfileSetting.useDiffs.help)
    timeZone = ChoiceField(
      ProfileSetting.timeZone.rawValue, label: ProfileSetting.timeZone.label, value: form[.timeZone],
      options: TimeZoneNames.suggested.map { ChoiceField.Option(value: $0, text: $0) }, isSelect: false,
      help: ProfileSetting.timeZone.help, error: errors[.timeZone], required: false, isOptional: true,
      placeholder: "America/New_York")
    times = [field(.start, placeholder: "20:00"), field(.stop, placeholder: "08:00")]
  }

  private static func summary(_ count: Int) -> String {
    count == 1
      ? "Nothing was saved: one field needs another look." : "Nothing was saved: \(count) fields need another look."
  }
}

/// The IANA time zones that the form suggests.
private enum TimeZoneNames {
  /// The names by region, without aliases of no region such as `EST`.
  static let suggested: [String] = ["UTC"] + TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }.sorted()
}
