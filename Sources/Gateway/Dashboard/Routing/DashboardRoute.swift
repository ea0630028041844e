import Hummingbird

/// A method of a dashboard path, and its handler.
struct DashboardRoute: Sendable {
  /// The handlers, by who may ask.
  enum Handler: Sendable {
    /// Anyone.
    case open(@Sendable (DashboardRequest) async throws -> DashboardResponse)
    /// A person who is signed in; anyone else is sent to sign in first.
    case member(@Sendable (MemberRequest) async throws -> DashboardResponse)
  }

  let method: HTTPRequest.Method
  /// The path, with `:name` for a parameter.
  let path: String
  let handler: Handler

  /// A page for anyone.
  static func open(
    _ method: HTTPRequest.Method, _ path: String,
    _ respond: @escaping @Sendable (DashboardRequest) async throws -> DashboardResponse
  ) -> DashboardRoute {
    DashboardRoute(method: method, path: path, handler: .open(respond))
  }

  /// A page for a person who is signed in. A POST comes only after its origin and its form token were checked.
  static func member(
    _ method: HTTPRequest.Method, _ path: String,
    _ respond: @escaping @Sendable (MemberRequest) async throws -> DashboardResponse
  ) -> DashboardRoute {
    DashboardRoute(method: method, path: path, handler: .member(respond))
  }
}
