import SwiftProtobuf
package import TemporisAPI

extension ProfileForm {
  /// What a form says: settings that the service may be asked with, or what is wrong with which fields.
  package enum Parsed: Sendable {
    case settings(Temporis_Predict_V1_ProfileSettings)
    case errors([ProfileSetting: String])
  }

  /// Reads the form. The service has the last word: it knows the time zones and the sources.
  package func parsed(isNew: Bool) -> Parsed {
    var reader = ProfileFormReader(form: self)
    let settings = reader.settings()
    if isNew { reader.checkName() }
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
    if form[.dataSource].isEmpty { errors[.dataSource] = "Choose the source that is read." }
    settings.names = names()
    settings.interval = number(.interval) ?? 0
    let numPatches = number(.numPatches)
    if let value = number(.patchLen) { settings.patchLen = Google_Protobuf_Int32Value(Int32(value)) }
    if let value = number(.patchSpacing) { settings.patchSpacing = Google_Protobuf_Int32Value(Int32(value)) }
    if let value = numPatches { settings.numPatches = Google_Protobuf_Int32Value(Int32(value)) }
    if let value = number(.minPatches) {
      settings.minPatches = Google_Protobuf_Int32Value(Int32(value))
      let most = numPatches ?? ProfileSetting.numPatches.defaultValue ?? value
      if errors[.numPatches] == nil, value > most {
        errors[.minPatches] = "Must be at most num_patches, which is \(Count.text(most))."
      }
    }
    if let value = number(.fillLimit) { settings.fillLimit = Google_Protobuf_Int32Value(Int32(value)) }
    settings.useDiffs = form.usesDiffs
    if let window = window() { settings.excludeWindow = window }
    return settings
  }

  mutating func checkName() {
    let bytes = Array(form[.name].utf8)
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    if bytes.isEmpty {
      errors[.name] = "A profile needs a name."
    } else if !letters.contains(bytes[0]) {
      errors[.name] = "Must begin with a lowercase letter."
    } else if !bytes.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }) {
      errors[.name] = "Must hold lowercase letters, digits and underscores only."
    } else if bytes.count > 48 {
      errors[.name] = "Must have at most 48 characters, not \(bytes.count)."
    }
  }

  private mutating func names() -> [String] {
    let names = form.seriesNames
    var seen = Set<String>()
    if names.isEmpty {
      errors[.names] = "Name at least one series."
    } else if names.count > 64 {
      errors[.names] = "At most 64 series, not \(Count.text(names.count))."
    } else if let name = names.first(where: { $0.utf8.count > 255 }) {
      errors[.names] = "“\(name.prefix(40))…” is longer than 255 bytes."
    } else if let name = names.first(where: { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
    ) {
      errors[.names] = "“\(name.prefix(40))” holds a control character, such as a tab."
    } else if names.contains("timestamp") {
      errors[.names] = "A series cannot be named timestamp: that is a field of every row."
    } else if let name = names.first(where: { !seen.insert($0).inserted }) {
      errors[.names] = "“\(name.prefix(40))” is there twice."
    }
    return names
  }

  /// Nil: nothing is there, and the default holds; or it is wrong.
  private mutating func number(_ setting: ProfileSetting) -> Int64? {
    guard let range = setting.range else { return nil }
    let text = form[setting]
    if text.isEmpty, setting.defaultValue != nil { return nil }
    let isWhole = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard isWhole, let number = Int64(text), range.contains(number) else {
      errors[setting] =
        "Must be a whole number, \(Count.text(range.lowerBound)) to \(Count.text(range.upperBound))"
        + (setting == .interval ? " seconds." : ".")
      return nil
    }
    return number
  }

  /// Nil: there is none, or it is wrong.
  private mutating func window() -> Temporis_Predict_V1_ExcludeWindow? {
    let fields: [ProfileSetting] = [.timeZone, .start, .stop]
    guard fields.contains(where: { !form[$0].isEmpty }) else { return nil }
    if form[.timeZone].isEmpty { errors[.timeZone] = "A window needs a time zone; or leave all three empty." }
    let (start, stop) = (clockTime(.start), clockTime(.stop))
    guard let start, let stop else { return nil }
    guard start != stop else {
      errors[.stop] = "Must differ from the start; leave all three empty to exclude nothing."
      return nil
    }
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
