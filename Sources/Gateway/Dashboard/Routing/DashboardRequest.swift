import Hummingbird

/// A request to a dashboard page, its form read.
struct DashboardRequest: Sendable {
  /// What the path's parameters stand for.
  let parameters: Parameters
  /// The fields of the query.
  let query: FormFields
  /// The fields of the form that was sent; none for a GET.
  let form: FormFields
  /// Our own origin, as the browser sees it: what the public API's paths are appended to.
  let origin: String

  /// A parameter of the path.
  /// - Throws: ``PageError/notFound`` when it is none that a page could be about.
  func parameter(_ name: String) throws -> String {
    guard let raw = parameters.get(name), let value = FormFields.percentDecoded(raw), !value.isEmpty else {
      throw PageError.notFound
    }
    return value
  }
}
