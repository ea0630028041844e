/// The form of a forecast as it was filled in: texts, whatever they are.
package struct ForecastForm: Sendable, Hashable {
  /// A field of the form. The raw value is its name.
  package enum Field: String, Sendable, Hashable, CaseIterable {
    case profile
    case publicProfile = "public_profile"
    case count, temperature
    case topP = "top_p"

    /// The text of the field at first.
    var initial: String {
      switch self {
      case .profile, .publicProfile: ""
      case .count: "100"
      case .temperature, .topP: "1.0"
      }
    }
  }

  /// The content of a form: parameters, or the mistakes by their fields.
  package enum Parsed: Sendable {
    case parameters(ForecastParameters)
    case errors([Field: String])
  }

  /// The prefix of the names of public profiles.
  package static let publicPrefix = "temporis/"

  private var texts: [Field: String] = [:]

  /// Reads a form that was sent, or the fields of an address; those that are absent are as at first.
  package init(_ fields: FormFields) {
    for field in Field.allCases {
      texts[field] = fields.contains(field.rawValue) ? fields.text(field.rawValue) : field.initial
    }
    // An address may name any profile.
    if self[.profile].hasPrefix(Self.publicPrefix), self[.publicProfile].isEmpty {
      texts[.publicProfile] = self[.profile]
      texts[.profile] = ""
    }
  }

  /// The text of a field.
  package subscript(field: Field) -> String {
    get { texts[field] ?? "" }
    set { texts[field] = newValue }
  }

  /// The profile that is asked for: the public one, where one was typed.
  package var dataProfile: String {
    self[.publicProfile].isEmpty ? self[.profile] : self[.publicProfile]
  }

  /// The field that names the profile.
  package var profileField: Field {
    self[.publicProfile].isEmpty ? .profile : .publicProfile
  }

  /// Reads the form. The ranges are the service's too; here they are for the cost, which is told without asking it.
  package var parsed: Parsed {
    var errors: [Field: String] = [:]
    if dataProfile.isEmpty { errors[.profile] = "Choose a profile, or name a public one." }
    if !self[.publicProfile].isEmpty, !self[.publicProfile].hasPrefix(Self.publicPrefix) {
      errors[.publicProfile] = "The names of public profiles begin with \(Self.publicPrefix)."
    } else if dataProfile.utf8.count > 255 {
      errors[profileField] = "No profile has so long a name."
    }
    let count = self.count
    if count == nil { errors[.count] = "Must be a whole number, 1 to 1,000." }
    let temperature = Self.number(self[.temperature])
    if temperature.map({ $0 > 0 }) != true { errors[.temperature] = "Must be a number over 0, such as 1.0." }
    let topP = Self.number(self[.topP])
    if topP.map({ 0...1 ~= $0 }) != true { errors[.topP] = "Must be a number from 0 to 1, such as 0.9." }
    guard errors.isEmpty, let count, let temperature, let topP else { return .errors(errors) }
    return .parameters(
      ForecastParameters(dataProfile: dataProfile, count: count, temperature: temperature, topP: topP))
  }

  /// The number of trajectories that are asked for. `nil` when it cannot be read, or is none that may be asked for.
  package var count: Int32? {
    let text = self[.count]
    guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let count = Int32(text),
      1...1_000 ~= count
    else { return nil }
    return count
  }

  /// The address of the form filled in like this.
  package var path: String {
    let fields = Field.allCases.filter { !self[$0].isEmpty }
    return "/dashboard/forecast?"
      + fields.map { "\($0.rawValue)=\(FormFields.percentEncoded(self[$0]))" }.joined(separator: "&")
  }

  /// A decimal number. `nil` for anything else, such as `nan` and `0x10`, which Swift would read.
  private static func number(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}

/// The checked parameters of a forecast.
package struct ForecastParameters: Sendable, Hashable {
  /// A data profile's name; `temporis/NAME` is a public one.
  package let dataProfile: String
  /// Trajectories, 1 to 1,000.
  package let count: Int32
  /// Over 0, finite.
  package let temperature: Double
  /// 0 to 1.
  package let topP: Double

  /// Takes checked parameters.
  package init(dataProfile: String, count: Int32, temperature: Double, topP: Double) {
    self.dataProfile = dataProfile
    self.count = count
    self.temperature = temperature
    self.topP = topP
  }
}
