import Hummingbird
import ServiceKit

/// The mistakes in a form: beside the fields that break a rule, or above the form.
struct FormErrors: Error {
  /// The status that the form comes back with.
  let status: HTTPResponse.Status
  /// The mistake that no field of the form is to blame for.
  let general: String?
  private let messages: [String: String]

  /// Names the fields that are wrong, before a service was asked.
  init(_ messages: [String: String]) {
    status = .unprocessableContent
    general = nil
    self.messages = messages
  }

  /// Says what no field of the form is to blame for.
  init(general: String, status: HTTPResponse.Status) {
    self.status = status
    self.general = general
    messages = [:]
  }

  /// Reads a refusal.
  /// - Parameters:
  ///   - fields: The fields of the form, by the paths in the request message that a violation names.
  ///   - reasons: The fields that reasons by themselves are about, such as a name that is taken.
  init(_ error: ServiceError, fields: [String: String], reasons: [ServiceError.Reason: String] = [:]) {
    status = error.reason.pageStatus
    let message = error.reason == .rateLimited ? error.waitText : error.sentence
    var messages: [String: String] = [:]
    var isComplete = !error.violations.isEmpty
    for violation in error.violations {
      if let field = Self.field(at: violation.field, of: fields) {
        messages[field] = messages[field] ?? violation.rule.asSentence
      } else {
        isComplete = false
      }
    }
    if let field = reasons[error.reason] {
      messages[field] = message
      isComplete = true
    }
    self.messages = messages
    general = isComplete ? nil : message
  }

  /// Reads what a form itself or a service refused.
  /// - Parameter fields: As of ``init(_:fields:reasons:)``.
  /// - Throws: The error itself when it is none of these reasons: a fault, or the end of the session.
  static func reading(
    _ error: any Error, _ reasons: ServiceError.Reason..., fields: [String: String]
  ) throws -> FormErrors {
    if let errors = error as? FormErrors { return errors }
    guard let refusal = ServiceError(anyOf: error), reasons.contains(refusal.reason) else { throw error }
    return FormErrors(refusal, fields: fields)
  }

  /// The mistake in a field.
  subscript(field name: String) -> String? {
    messages[name]
  }

  /// The form's field for a path such as `settings.names[2]`: that of the path itself, or else of what contains it.
  private static func field(at path: String, of fields: [String: String]) -> String? {
    var path = path[...]
    while !path.isEmpty {
      if let field = fields[String(path)] { return field }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      path = path[..<end]
    }
    return nil
  }
}

extension String {
  /// The text with a capital letter before and a full stop behind it.
  var asSentence: String { (prefix(1).uppercased() + dropFirst()).withFullStop }

  /// The text with a full stop behind it, unless it has one or is empty.
  var withFullStop: String { hasSuffix(".") || isEmpty ? self : self + "." }
}
