import Foundation
import SystemSupport
import Testing

/// Requests as customers send them: with curl, and nothing of ours in between.
struct HTTP: Sendable {
  struct Response: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: String

    subscript(name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  let base: String

  /// Sends a request. The headers are sent as they are; a body makes it a POST unless a method is named.
  func send(
    _ path: String, method: String? = nil, headers: [String] = [], body: String? = nil, arguments: [String] = []
  ) async throws -> Response {
    let folder = try Stack.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Credentials go through standard input and a folder of our own: never through an argument list.
    var config =
      "url = \"\(base)\(path)\"\nsilent\nshow-error\noutput = \"\(folder)/body\"\ndump-header = \"\(folder)/headers\"\n"
    if let method { config += "request = \"\(method)\"\n" }
    for header in headers {
      config += "header = \"\(header.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
    }
    if let body {
      try Data(body.utf8).write(to: URL(filePath: folder + "/request"))
      config += "data-binary = \"@\(folder)/request\"\n"
    }
    _ = try await Command.output("curl", ["-q", "--max-time", "60", "--config", "-"] + arguments, input: config)
    let head = String(decoding: try Data(contentsOf: URL(filePath: folder + "/headers")), as: UTF8.self)
    let body = FileManager.default.contents(atPath: folder + "/body").map { String(decoding: $0, as: UTF8.self) } ?? ""
    return try Response(head: head, body: body)
  }

  /// `POST` of a JSON body with an access token.
  func post(_ path: String, token: String?, _ body: String, headers: [String] = []) async throws -> Response {
    let authorization = token.map { ["Authorization: Bearer \($0)"] } ?? []
    return try await send(
      path, headers: authorization + ["Content-Type: application/json"] + headers, body: body)
  }

  func ingest(_ body: String, token: String?) async throws -> Response {
    try await post("/v1/data_sources/ingest", token: token, body)
  }

  func predict(_ body: String = Self.prediction(), token: String?, headers: [String] = []) async throws -> Response {
    try await post("/v1/predict", token: token, body, headers: headers)
  }

  /// The body of a prediction request.
  static func prediction(profile: String = "hourly_orders", count: Int = 5) -> String {
    #"{ "data_profile": "\#(profile)", "count": \#(count), "temperature": 1.0, "top_p": 0.9 }"#
  }
}

extension HTTP.Response {
  /// Reads what curl wrote; interim answers (100 Continue) come before the one that counts.
  fileprivate init(head: String, body: String) throws {
    let blocks = head.replacing("\r\n", with: "\n").split(separator: "\n\n")
    let lines = try #require(blocks.last).split(separator: "\n")
    status = try #require(Int(lines[0].split(separator: " ")[1]))
    headers = lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    self.body = body
  }
}
