import HTTPTypes
package import Hummingbird
package import Logging
import NIOHTTP1
import ServiceKit
import TemporisAPI

/// The dashboard: the pages under `/dashboard`, for people in browsers.
///
/// It calls the services as any client would, with the session that the browser's cookie holds, and keeps nothing.
package struct Dashboard: Sendable {
  private let core: DashboardCore
  private let router: DashboardRouter

  /// Creates the dashboard.
  /// - Parameters:
  ///   - services: What the pages ask.
  ///   - origin: Where browsers find it.
  ///   - bodyTimeout: How long a client may take to send a form.
  ///   - logger: Where it says why a page could not be answered.
  /// - Throws: When a template cannot be read.
  package init(services: DashboardServices, origin: PublicOrigin, bodyTimeout: Duration, logger: Logger) throws {
    let script = ScriptAsset()
    let pages = try PageRenderer(script: script)
    let faults = FaultLog(logger: logger)
    core = DashboardCore(
      services: services, origin: origin, bodies: BodyReader(timeout: bodyTimeout),
      responses: ResponseWriter(pages: pages), faults: faults)
    router = DashboardRouter(Self.routes(services, faults) + [script.route], core: core)
  }

  /// Whether a path is the dashboard's.
  package static func serves(_ path: String) -> Bool {
    path == "/dashboard" || path.hasPrefix("/dashboard/")
  }

  /// Answers a request, and writes the access log: the path's template, and nothing of headers, queries and forms.
  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    var page = DashboardContext(
      source: ApplicationRequestContextSource(channel: context.channel, logger: context.logger))
    page.method = request.method
    let peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    page.origin = core.origin.origin(of: request.head, from: peer)
    page.clientAddress = core.origin.clientAddress(of: request.head, from: peer)
    var response: Response
    do {
      response = try await router.respond(to: request, context: page)
    } catch let error as BodyReader.ConnectionError {
      // Bytes that are no body: whoever sent them is still there.
      guard error.cause is HTTPParserError else { throw error.cause }
      response = core.responses.write(.error(.malformedForm), viewer: nil, origin: page.origin)
        .closingConnection(of: context)
    }
    if request.method == .head { response = response.createHeadResponse() }
    AccessLog.write(
      method: request.method, path: page.route, status: response.status, duration: .now - start, to: context.logger)
    return response
  }

  /// Every page.
  private static func routes(_ services: DashboardServices, _ faults: FaultLog) -> [DashboardRoute] {
    OverviewPage(services: services).routes
      + SignInPages(services: services).routes
      + SignUpPages(services: services).routes
      + TokenPages(services: services).routes
      + BillingPages(services: services).routes
      + SourcePages(services: services).routes
      + ProfilePages(services: services).routes
      + ForecastPages(services: services, faults: faults).routes
  }
}

/// The parts that every page shares.
struct DashboardCore: Sendable {
  let services: DashboardServices
  let origin: PublicOrigin
  let bodies: BodyReader
  let responses: ResponseWriter
  let faults: FaultLog

  /// The account that a session acts for.
  /// - Throws: The service's refusal when the session is none that works.
  func account(of session: Session) async throws -> Temporis_Token_V1_Account {
    let request = Temporis_Token_V1_GetAccountRequest()
    return try await services.accounts.getAccount(request, metadata: session.metadata).account
  }
}
