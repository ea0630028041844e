import Foundation
import SystemSupport
import Testing

/// What customers' clients do by themselves, without being asked.
@Suite struct EdgeTests {
  @Test("A coded body is stored like any other") func coded() async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "store_metrics")
    let token = try await customer.makeToken().token
    let path = try Stack.makeTemporaryFolder() + "/rows.json"
    let body =
      #"{"data_source": "store_metrics", "records": [{"timestamp": 1750000000, "name": "orders", "value": 42}]}"#
    try Data(body.utf8).write(to: URL(filePath: path))
    _ = try await Command.output("gzip", [path])
    for (coding, status) in [("gzip", 204), ("br", 415)] {
      let answer = try await customer.http.send(
        "/v1/data_sources/ingest", headers: ["Authorization: Bearer \(token)", "Content-Encoding: \(coding)"],
        arguments: ["--data-binary", "@\(path).gz"])
      #expect(answer.status == status, "\(answer.body)")
    }
  }

  @Test("A browser that opens the gateway comes to the dashboard, a client to a 404") func home() async throws {
    let http = try await Customer().http
    let page = try await http.send("/", headers: ["Accept: text/html,*/*;q=0.8"])
    #expect(page.status == 303)
    #expect(page["location"] == "/dashboard")
    #expect(try await http.send("/").body == #"{"detail": "Not Found"}"#)
  }

  @Test("A client that offers another protocol with its request is answered in this one", arguments: ["GET", "POST"])
  func upgrade(_ method: String) async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    let answer = try await customer.http.send(
      "/v1/data_sources/ingest", method: method, headers: ["Authorization: Bearer \(token)"],
      body: method == "POST" ? #"{"data_source": "nothing", "records": []}"# : nil, arguments: ["--http2"])
    #expect(answer.status == (method == "POST" ? 404 : 405))
  }
}
