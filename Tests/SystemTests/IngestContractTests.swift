import Foundation
import SystemSupport
import Testing

/// Each row of the contract's table for ingest, through the real gateway.
@Suite struct IngestContractTests {
  private struct Detail: Decodable {
    let detail: String
  }

  private func body(source: String = "store_metrics", records: String) -> String {
    #"{"data_source": "\#(source)", "records": [\#(records)]}"#
  }

  private func record(_ timestamp: String = "1750000000", _ name: String = #""orders""#, _ value: String = "1")
    -> String
  {
    #"{"timestamp": \#(timestamp), "name": \#(name), "value": \#(value)}"#
  }

  private func rows(_ customer: Customer) async throws -> [String] {
    try await customer.stack.ready().sql(
      """
      SELECT "timestamp" || ' ' || name || ' ' || value FROM predict.record WHERE account_id = '\(customer.accountID)' ORDER BY 1
      """)
  }

  @Test("Rows are stored with 204 and no body, again and again, and the later value wins") func upsert() async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    try await customer.temporis("source", "create", "store_metrics")
    let first = body(
      records: [record(), record("1750003600.0"), record("1750003600", #""orders""#, "2.5")].joined(separator: ","))
    for _ in 0..<2 {
      let answer = try await customer.http.ingest(first, token: token)
      #expect(answer.status == 204)
      #expect(answer.body.isEmpty)
    }
    #expect(try await rows(customer) == ["1750000000 orders 1", "1750003600 orders 2.5"])
    #expect(
      try await customer.http.ingest(body(records: record("1750000000", #""orders""#, "7")), token: token).status == 204
    )
    #expect(try await rows(customer) == ["1750000000 orders 7", "1750003600 orders 2.5"])
    #expect(try await customer.http.ingest(body(records: ""), token: token).status == 204)
    let plain = try await customer.http.send(
      "/v1/data_sources/ingest", headers: ["Authorization: Bearer \(token)"], body: body(records: record()))
    #expect(plain.status == 204, "curl's -d says application/x-www-form-urlencoded, and the body is JSON all the same")
  }

  @Test("A bad body is a 400 that names the first bad thing, and nothing of it is stored") func badBodies() async throws
  {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    try await customer.temporis("source", "create", "store_metrics")
    let good = record()
    let bodies: [(String, names: String)] = [
      ("", "byte offset 0"), ("{", "byte offset 1"), ("[]", "object"), ("null", ""),
      (body(records: good + ","), "records must not have a comma before its ]"),
      (body(records: good + ",\(good.dropLast()),}"), "records[1] must not have a comma before its }"),
      ("\u{FEFF}" + body(records: good), "byte order mark"),
      (#"{"records": []}"#, "data_source"), (#"{"data_source": 5, "records": []}"#, "data_source"),
      (#"{"data_source": "store_metrics"}"#, "records"),
      (#"{"data_source": "store_metrics", "records": {}}"#, "records"),
      (body(records: good + ", 7"), "records[1]"),
      (body(records: good + "," + record("\"1750000000\"")), "records[1].timestamp"),
      (body(records: good + "," + record("1750000000.5")), "records[1].timestamp"),
      (body(records: good + "," + record("true")), "records[1].timestamp"),
      (body(records: record("-1")), "records[0].timestamp"), (body(records: record("1e400")), "records[0].timestamp"),
      (body(records: record("253402300800")), "records[0].timestamp"),
      (body(records: record("1750000000000")), "milliseconds"),
      (body(records: record("1", "5")), "records[0].name"), (body(records: record("1", #""""#)), "records[0].name"),
      (body(records: record("1", #""timestamp""#)), "records[0].name"),
      (body(records: record("1", #""a\u0007b""#)), "records[0].name"),
      (body(records: record("1", "\"\(String(repeating: "é", count: 128))\"")), "records[0].name"),
      (body(records: record("1", #""x""#, #""5""#)), "records[0].value"),
      (body(records: record("1", #""x""#, "null")), "records[0].value"),
      (body(records: good + "," + record("1", #""x""#, "NaN")), "records[1].value must be a finite number, not NaN"),
      (body(records: record("1", #""x""#, "1e999")), "records[0].value"),
      (body(records: #"{"timestamp": 1, "name": "x"}"#), "records[0].value"),
      (body(records: #"{"name": "x", "value": 1}"#), "records[0].timestamp"),
    ]
    for (text, name) in bodies {
      let answer = try await customer.http.ingest(text, token: token)
      #expect(answer.status == 400, "\(text)")
      #expect(answer["content-type"] == "application/json")
      let detail = try JSONDecoder().decode(Detail.self, from: Data(answer.body.utf8)).detail
      #expect(name.isEmpty ? !detail.isEmpty : detail.contains(name), "\(text): \(detail)")
    }
    #expect(try await rows(customer).isEmpty)
  }

  @Test("A source that does not exist and one of another account are the same 404") func notFound() async throws {
    let customer = try await Customer()
    let other = try await Customer()
    try await other.temporis("source", "create", "theirs")
    let token = try await customer.makeToken().token
    for source in ["nowhere", "theirs", "", "Not A Name"] {
      let answer = try await customer.http.ingest(body(source: source, records: record()), token: token)
      #expect(answer.status == 404)
      #expect(answer.body == #"{"detail": "Data source not found."}"#)
    }
    #expect(try await rows(other).isEmpty)
  }

  @Test("An archived source refuses rows with 409 until it is unarchived") func archived() async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    try await customer.temporis("source", "create", "store_metrics")
    try await customer.temporis("source", "archive", "store_metrics")
    let answer = try await customer.http.ingest(body(records: record()), token: token)
    #expect(answer.status == 409)
    #expect(answer.body == #"{"detail": "Data source is archived."}"#)
    #expect(try await rows(customer).isEmpty)
    try await customer.temporis("source", "unarchive", "store_metrics")
    #expect(try await customer.http.ingest(body(records: record()), token: token).status == 204)
  }

  @Test("A body over 16 MiB or 100,000 records is a 413, after the 401 and before the 400") func tooLarge() async throws
  {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    try await customer.temporis("source", "create", "store_metrics")
    let long = String(repeating: "x", count: 17 << 20)
    let many = body(records: (0...100_000).map { record(String($0)) }.joined(separator: ","))
    for text in [long, many] {
      let answer = try await customer.http.ingest(text, token: token)
      #expect(answer.status == 413)
      #expect(answer.body == #"{"detail": "Request body too large."}"#)
      #expect(try await customer.http.ingest(text, token: "abc").status == 401)
    }
    #expect(try await rows(customer).isEmpty)
    let most = body(records: (0..<100_000).map { record(String($0)) }.joined(separator: ","))
    let deleted = try await customer.makeToken("deleted")
    try await customer.temporis("token", "delete", deleted.id)
    let refused = try await customer.http.ingest(most, token: deleted.token)
    #expect(refused.status == 401)
    #expect(refused.body == #"{"detail": "Invalid access token."}"#)
    #expect(try await customer.http.ingest(most, token: token).status == 204)
    #expect(try await rows(customer).count == 100_000)
  }

  @Test("An unknown path is a 404 and a wrong method a 405 that names the right one") func routes() async throws {
    let http = HTTP(base: try await Stack.shared.value.ready().gateway)
    let unknown = try await http.send("/v1/nothing")
    #expect(unknown.status == 404)
    #expect(unknown.body == #"{"detail": "Not Found"}"#)
    for path in ["/v1/predict", "/v1/data_sources/ingest"] {
      for method in ["GET", "PUT", "DELETE"] {
        let wrong = try await http.send(path, method: method)
        #expect(wrong.status == 405)
        #expect(wrong.body == #"{"detail": "Method Not Allowed"}"#)
        #expect(wrong["allow"] == "POST")
      }
    }
    #expect(try await http.send("/healthz").status == 200)
  }
}
