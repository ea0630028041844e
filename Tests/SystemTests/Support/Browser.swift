import Foundation
import SystemSupport
import Testing

/// A browser without scripts: it keeps the session's cookie and sends forms with what their page carries.
struct Browser: Sendable {
  let http: HTTP
  let cookie: String

  /// Signs up through the dashboard.
  init(on stack: Stack? = nil) async throws {
    let stack = if let stack { stack } else { try await Stack.shared.value }
    let http = HTTP(base: try await stack.ready().gateway)
    let answer = try await Self.send(
      http, "/dashboard/sign-up",
      ["email": "visitor-\(UInt64.random(in: 0 ... .max))@example.com", "password": "correct horse battery", "key": ""])
    try #require(answer.status == 303, "\(answer.body)")
    self.init(http: http, cookie: try #require(answer["set-cookie"]?.split(separator: ";").first.map(String.init)))
  }

  init(http: HTTP, cookie: String) {
    self.http = http
    self.cookie = cookie
  }

  /// Holds a session that was made elsewhere, in the cookie of its gateway's port.
  init(http: HTTP, session: String) throws {
    let port = try #require(http.base.split(separator: ":").last)
    self.init(http: http, cookie: "temporis_session_\(port)=\(session)")
  }

  func get(_ path: String) async throws -> HTTP.Response {
    try await http.send(path, headers: ["Cookie: \(cookie)"])
  }

  /// Sends a form from one of our pages, with the session's form token unless the form has another.
  func post(_ path: String, _ form: [String: String] = [:]) async throws -> HTTP.Response {
    var form = form
    if form["csrf"] == nil { form["csrf"] = try await formToken() }
    return try await Self.send(http, path, form, headers: ["Cookie: \(cookie)"])
  }

  /// What the forms of this session carry.
  func formToken() async throws -> String {
    let page = try await get("/dashboard")
    return String(try #require(page.body.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/)).1)
  }

  /// Sends a form without a session.
  static func send(
    _ http: HTTP, _ path: String, _ form: [String: String], headers: [String] = []
  ) async throws -> HTTP.Response {
    var unreserved = CharacterSet.alphanumerics
    unreserved.insert(charactersIn: "-._~")
    let body = form.map { name, value in
      "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")"
    }.joined(separator: "&")
    return try await http.send(path, headers: headers + ["Origin: \(http.base)"], body: body)
  }
}
