import HTTPTypes
package import Hummingbird
package import Logging
import NIOHTTP1
import ServiceKit

/// The dashboard: the pages under `/dashboard`, for people in browsers.
///
/// It calls the services as any client would, with the session that the browser's cookie holds, and keeps nothing.
package struct Dashboard: Sendable {
  private let core: DashboardCore
  private let router: DashboardRouter

  /// Creates the dashboard.
  /// - Parameters:
  ///   - services: Makes what the pages ask, with calls that carry what identifies a caller.
  ///   - predictions: What draws forecasts.
  ///   - origin: Where browsers find it.
  ///   - bodyPace: How fast a client has to send a form.
  ///   - logger: Where it says why a page could not be answered.
  /// - Throws: When a template cannot be read.
  package init(
    services: @escaping @Sendable (DashboardCaller) -> DashboardServices, predictions: any PredictionClient,
    origin: PublicOrigin, bodyPace: BodyReader.Pace, logger: Logger
  ) throws {
    let script = ScriptAsset()
    let pages = try PageRenderer(script: script)
    let faults = FaultLog(logger: logger)
    core = DashboardCore(
      services: services, origin: origin, bodies: BodyReader(pace: bodyPace),
      responses: ResponseWriter(pages: pages), faults: faults)
    router = DashboardRouter(Self.routes(predictions, faults) + [script.route], core: core)
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
      guard error.cause is HTTPParserError else {
        core.faults.noteLost(page.route, error)
        throw error.cause
      }
      response = core.responses.write(.error(.malformedForm), viewer: nil, origin: page.origin)
        .closingConnection(of: context)
    }
    if request.method == .head { response = response.createHeadResponse() }
    AccessLog.write(
      method: request.method, path: page.route, status: response.status, duration: .now - start, to: context.logger)
    return response
  }

  /// Every page.
  private static func routes(_ predictions: any PredictionClient, _ faults: FaultLog) -> [DashboardRoute] {
    OverviewPage().routes
      + SignInPages(faults: faults).routes
      + SignUpPages().routes
      + TokenPages(faults: faults).routes
      + ActivityPage().routes
      + AccountPages(faults: faults).routes
      + BillingPages().routes
      + SourcePages().routes
      + ProfilePages(faults: faults).routes
      + ForecastPages(predictions: predictions, faults: faults).routes
  }
}

/// The parts that every page shares.
struct DashboardCore: Sendable {
  let services: @Sendable (DashboardCaller) -> DashboardServices
  let origin: PublicOrigin
  let bodies: BodyReader
  let responses: ResponseWriter
  let faults: FaultLog
}
