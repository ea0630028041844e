import Hummingbird
import ServiceKit

/// What a service had to say against a form: beside the field that it named, or above the form.
struct FormErrors: Sendable {
  /// The status that the form comes back with.
  let status: HTTPResponse.Status
  /// What no field is to blame for.
  let general: String?
  private let field: String?
  private let message: String

  /// Reads a refusal.
  /// - Parameters:
  ///   - fields: The names that the service's messages begin with, and which field of the form each means.
  ///   - reasons: The fields that reasons by themselves are about, such as a name that is taken.
  init(_ error: ServiceError, fields: [String: String], reasons: [ServiceError.Reason: String] = [:]) {
    status = error.reason.pageStatus
    message = error.message.asSentence
    let subject = error.message.prefix { $0.isLetter || $0 == "_" }
    field = reasons[error.reason] ?? (error.reason == .invalidArgument ? fields[String(subject)] : nil)
    general = field == nil ? message : nil
  }

  /// What is wrong with a field.
  subscript(field name: String) -> String? {
    field == name ? message : nil
  }
}

extension String {
  /// The text with a capital letter before and a full stop behind it.
  var asSentence: String {
    let text = prefix(1).uppercased() + dropFirst()
    return text.hasSuffix(".") || text.isEmpty ? text : text + "."
  }
}
