import GRPCCore
import GRPCInProcessTransport
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import TestSupport
import Testing

/// The dashboard over fakes of the services, which it asks through its real stubs.
struct TestDashboard: Sendable {
  let services: FakeServices
  let predictions: FakePredictionClient
  private let application: Application<PublicResponder>
  private let isLive: Bool

  /// The origin of the requests that ``send(_:_:headers:body:)`` makes.
  static let origin = "http://localhost"

  /// Runs the services while something is tried on the dashboard.
  /// - Parameters:
  ///   - isLive: Whether requests come over sockets, from an address of this machine.
  ///   - logger: Where the dashboard says why a page could not be answered.
  static func with<Result: Sendable>(
    publicURL: String = "", trustedProxies: TrustedProxies = .none, isLive: Bool = false,
    predictions: FakePredictionClient = FakePredictionClient(), logger: Logger = .silent,
    _ body: @Sendable (TestDashboard) async throws -> Result
  ) async throws -> Result {
    let fakes = FakeServices()
    let transport = InProcessTransport()
    return try await withGRPCServer(
      transport: transport.server, services: fakes.all, interceptors: [FakeGate(services: fakes)]
    ) { _ in
      try await withGRPCClient(transport: transport.client) { _ in
        let dashboard = try Dashboard(
          services: { caller in
            let clients = [caller.tokenService, caller.predictService].map {
              GRPCClient(transport: transport.client, interceptors: [MetadataInterceptor($0)])
            }
            return DashboardServices(tokenService: clients[0], predictService: clients[1])
          },
          predictions: predictions,
          origin: PublicOrigin(
            try Settings(environment: [:]).value(.publicURL, flag: publicURL), speaksTLS: false,
            trustedProxies: trustedProxies),
          bodyPace: BodyReader.Pace(), logger: logger)
        let api = PublicAPI(ingest: FakeIngestClient(), predictions: predictions, verifier: FakeVerifier())
        let application = PublicServer.application(
          routes: api.routes, dashboard: dashboard, address: .hostname("127.0.0.1", port: 0),
          logger: .silent)
        return try await body(
          TestDashboard(
            services: fakes, predictions: predictions, application: application, isLive: isLive))
      }
    }
  }

  /// Sends a request as it is.
  func send(
    _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String? = nil
  ) async throws -> TestResponse {
    try await application.test(isLive ? .live : .router) { client in
      try await client.execute(uri: path, method: method, headers: headers, body: body.map(ByteBuffer.init(string:))) {
        $0
      }
    }
  }

  /// Sends a text over a connection, and returns everything that comes until the server closes.
  func exchange(_ text: String) async throws -> String {
    try await application.test(.live) { server in
      guard let port = server.port else { return "" }
      return try await RawConnection.exchange(text, port: port)
    }
  }

  /// Opens a page as the one who is signed in.
  func open(_ path: String) async throws -> TestResponse {
    try await send(.get, path, headers: [.cookie: cookie])
  }

  /// Goes where an answer sends the browser, with the notice that it gave.
  func follow(_ answer: TestResponse) async throws -> TestResponse {
    let path = try #require(answer.headers[.location])
    return try await send(.get, path, headers: [.cookie: "\(cookie); temporis_notice=\(answer.notice ?? "")"])
  }

  /// Sends a form as one of our pages does.
  func submit(
    _ path: String, _ fields: KeyValuePairs<String, String> = [:], origin: String? = TestDashboard.origin,
    formToken: String? = nil, cookie: String? = nil, headers: HTTPFields = [:]
  ) async throws -> TestResponse {
    var headers = headers
    headers[.contentType] = "application/x-www-form-urlencoded"
    headers[.cookie] = cookie ?? self.cookie
    headers[.origin] = origin
    let all = [("csrf", formToken ?? self.formToken)] + fields.map { ($0.key, $0.value) }
    let body = all.map { FormFields.percentEncoded($0.0) + "=" + FormFields.percentEncoded($0.1) }
    return try await send(.post, path, headers: headers, body: body.joined(separator: "&"))
  }

  /// The cookie of the session that works.
  var cookie: String { "temporis_session=\(services.session)" }

  /// The form of a token that may do everything and never expires.
  static let newToken: KeyValuePairs = [
    "name": "job", "key": "k1", "expiry": "never", "days": "", "ingest": "1", "predict": "1",
  ]

  /// Proxies that requests over sockets come from.
  static let ownAddresses = TrustedProxies("127.0.0.0/8,::1")

  /// The form token of the session that works.
  var formToken: String { Session(services.session)?.formToken ?? "" }
}

extension TestResponse {
  /// Whether this is a page of HTML with this status.
  func isPage(_ status: Int) -> Bool {
    self.status.code == status && headers[.contentType] == "text/html; charset=utf-8"
      && text.hasPrefix("<!doctype html>")
  }

  /// Whether this sends the browser elsewhere, to a page that says nothing or shows this notice.
  func redirects(to path: String, notice: String? = nil) -> Bool {
    status == .seeOther && headers[.location] == path && self.notice == notice
  }

  /// The notice that the browser is given for the next page. Empty: it is taken away.
  var notice: String? {
    headers[values: .setCookie].compactMap { $0.firstMatch(of: /^temporis_notice=([^;]*)/)?.1 }.first.map(String.init)
  }
}
