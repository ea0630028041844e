import GRPCCore
import TemporisAPI

/// A request of who is signed in.
@dynamicMemberLookup
struct MemberRequest: Sendable {
  let request: DashboardRequest
  /// What the services are asked with.
  let session: Session
  /// Who is signed in.
  let account: Temporis_Token_V1_Account

  /// What goes along with each call of a service.
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
