import GRPCCore
import Hummingbird
import ServiceKit
import TemporisAPI

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
  /// The address of its client. `nil` when it came over no IP connection.
  let clientAddress: IPAddress?

  /// The metadata of calls without a session: the client whom attempts to sign in count against.
  var clientMetadata: Metadata {
    clientAddress.map { [ClientAddress.metadataKey: .string($0.description)] } ?? [:]
  }

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
  /// The session that the services are called with.
  let session: Session
  /// The account that is signed in.
  let account: Temporis_Token_V1_Account

  /// The metadata of each call of a service.
  var metadata: Metadata { session.metadata }

  subscript<Value>(dynamicMember member: KeyPath<DashboardRequest, Value>) -> Value {
    request[keyPath: member]
  }

  /// A parameter of the path.
  /// - Throws: ``PageError/notFound`` when it is none that a page could be about.
  func parameter(_ name: String) throws -> String {
    try request.parameter(name)
  }
}
