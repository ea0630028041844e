import SwiftProtobuf
package import TemporisAPI

/// The form of a new access token as it was filled in: texts, whatever they are.
package struct TokenForm: Sendable, Hashable {
  /// The lifetimes that the form offers, in days. The raw value is the form's.
  enum Expiry: String, CaseIterable {
    case never
    case month = "30"
    case quarter = "90"
    case year = "365"
    /// The number that is typed beside it.
    case other

    var text: String {
      switch self {
      case .never: "Never"
      case .month: "After 30 days"
      case .quarter: "After 90 days"
      case .year: "After 1 year"
      case .other: "After another number of days"
      }
    }
  }

  let name: String
  let expiry: String
  let days: String
  let permissions: PermissionChoice

  /// The form as it is at first: a token that never expires and may do everything.
  package init() {
    (name, expiry, days, permissions) = ("", Expiry.never.rawValue, "", .all)
  }

  /// A form that was sent.
  package init(_ fields: FormFields) {
    name = fields.text("name")
    expiry = fields.text("expiry")
    days = fields.text("days")
    permissions = PermissionChoice(fields)
  }

  /// The request that creates the token, without a key. The rules of name and lifetime are the service's.
  /// - Throws: ``FormErrors`` for what cannot be read, and where nothing is permitted.
  package func message() throws -> Temporis_Token_V1_CreateAccessTokenRequest {
    var errors = permissions.errors
    var message = Temporis_Token_V1_CreateAccessTokenRequest()
    message.name = name
    message.permissions = permissions.permissions
    do {
      if let lifetime = try lifetime() { message.lifetime = lifetime }
    } catch let error as FieldMistake {
      errors[error.field] = error.text
    }
    guard errors.isEmpty else { throw FormErrors(errors) }
    return message
  }

  /// The fields of the form by the paths that a violation names.
  var fields: [String: String] {
    ["name": "name", "permissions": "permissions", "lifetime": expiry == Expiry.other.rawValue ? "days" : "expiry"]
  }

  /// `nil`: the token never expires.
  private func lifetime() throws -> Google_Protobuf_Duration? {
    guard let expiry = Expiry(rawValue: expiry) else { throw FieldMistake("expiry", "Choose one of these.") }
    guard expiry == .other || days.isEmpty else {
      throw FieldMistake("days", "Leave this empty, or choose “\(Expiry.other.text)”.")
    }
    if expiry == .never { return nil }
    let text = expiry == .other ? days : expiry.rawValue
    let isWhole = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard isWhole else { throw FieldMistake("days", "Must be a whole number.") }
    // A million days are beyond every rule, and far within what a duration holds.
    guard let days = Int64(text), days <= 1_000_000 else { throw FieldMistake("days", "Is too large.") }
    return Google_Protobuf_Duration(seconds: days * 86_400)
  }
}

/// A mistake in one field.
private struct FieldMistake: Error {
  let field: String
  let text: String

  init(_ field: String, _ text: String) {
    (self.field, self.text) = (field, text)
  }
}
