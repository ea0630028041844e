import FoundationEssentials
import Hummingbird
import ServiceKit

/// A request to a dashboard page, its form read.
struct DashboardRequest: Sendable {
  /// The values of the path's parameters.
  let parameters: Parameters
  /// The fields of the query.
  let query: FormFields
  /// The fields of the form that was sent; none for a GET.
  let form: FormFields
  /// Our own origin, as the browser sees it: what the public API's paths are appended to.
  let origin: Origin
  /// The services, asked without a session. They know the client, whom attempts to sign in count against.
  let services: DashboardServices

  /// The present time, in Unix seconds.
  var now: Int64 { Int64(Date.now.timeIntervalSince1970) }

  /// A parameter of the path.
  /// - Throws: ``PageError/notFound`` when it is none that a page could be about.
  func parameter(_ name: String) throws -> String {
    guard let raw = parameters.get(name), let value = FormFields.percentDecoded(raw), !value.isEmpty else {
      throw PageError.notFound
    }
    return value
  }
}

/// A request of a person who is signed in.
@dynamicMemberLookup
struct MemberRequest: Sendable {
  let request: DashboardRequest
  /// The session of the one who asks.
  let session: Session
  /// The services, asked with the session.
  let services: DashboardServices

  subscript<Value>(dynamicMember member: KeyPath<DashboardRequest, Value>) -> Value {
    request[keyPath: member]
  }

  /// A parameter of the path.
  /// - Throws: ``PageError/notFound`` when it is none that a page could be about.
  func parameter(_ name: String) throws -> String {
    try request.parameter(name)
  }
}
