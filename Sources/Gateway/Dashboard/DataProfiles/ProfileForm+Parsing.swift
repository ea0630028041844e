import SwiftProtobuf
package import TemporisAPI

extension ProfileForm {
  /// The content of a form: settings that the service may be asked with, or the mistakes by their fields.
  package enum Parsed: Sendable {
    case settings(Temporis_Predict_V1_ProfileSettings)
    case errors([ProfileSetting: String])
  }

  /// Reads the form: only that numbers are numbers and times are times. The rules of each setting are the service's.
  package var parsed: Parsed {
    var reader = ProfileFormReader(form: self)
    let settings = reader.settings()
    return reader.errors.isEmpty ? .settings(settings) : .errors(reader.errors)
  }
}

/// Reads the fields of a form one by one, and remembers what is wrong with each.
private struct ProfileFormReader {
  let form: ProfileForm
  var errors: [ProfileSetting: String] = [:]

  init(form: ProfileForm) {
    self.form = form
  }

  mutating func settings() -> Temporis_Predict_V1_ProfileSettings {
    var settings = Temporis_Predict_V1_ProfileSettings()
    settings.dataSource = form[.dataSource]
    settings.names = form.seriesNames
    settings.interval = number(.interval) ?? 0
    if let value: Int32 = number(.patchLen) { settings.patchLen = Google_Protobuf_Int32Value(value) }
    if let value: Int32 = number(.patchSpacing) { settings.patchSpacing = Google_Protobuf_Int32Value(value) }
    if let value: Int32 = number(.numPatches) { settings.numPatches = Google_Protobuf_Int32Value(value) }
    if let value: Int32 = number(.minPatches) { settings.minPatches = Google_Protobuf_Int32Value(value) }
    if let value: Int32 = number(.fillLimit) { settings.fillLimit = Google_Protobuf_Int32Value(value) }
    settings.useDiffs = form.usesDiffs
    if let window = window() { settings.excludeWindow = window }
    return settings
  }

  /// `nil`: nothing is there, and the default holds; or it is wrong.
  private mutating func number<Number: FixedWidthInteger>(_ setting: ProfileSetting) -> Number? {
    let text = form[setting]
    if text.isEmpty, setting.defaultValue != nil { return nil }
    let isWhole = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    if isWhole, let number = Number(text) { return number }
    errors[setting] = isWhole ? "Is too large." : "Must be a whole number."
    return nil
  }

  /// `nil`: there is none, or it is wrong.
  private mutating func window() -> Temporis_Predict_V1_ExcludeWindow? {
    let fields: [ProfileSetting] = [.timeZone, .start, .stop]
    guard fields.contains(where: { !form[$0].isEmpty }) else { return nil }
    if form[.timeZone].isEmpty { errors[.timeZone] = "A window needs a time zone; or leave all three empty." }
    let (start, stop) = (clockTime(.start), clockTime(.stop))
    guard let start, let stop else { return nil }
    var window = Temporis_Predict_V1_ExcludeWindow()
    window.timeZone = form[.timeZone]
    window.startMinute = Int32(start.minute)
    window.stopMinute = Int32(stop.minute)
    return window
  }

  private mutating func clockTime(_ setting: ProfileSetting) -> ClockTime? {
    if let time = ClockTime(form[setting]) { return time }
    errors[setting] =
      form[setting].isEmpty
      ? "A window needs a start and a stop; or leave all three empty." : "Must be a time such as 20:00, 00:00 to 23:59."
    return nil
  }
}
