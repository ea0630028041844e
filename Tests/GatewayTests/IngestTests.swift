import GRPCCore
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct IngestTests {
  static func body(_ records: String) -> String {
    #"{"data_source": "store_metrics", "records": [\#(records)]}"#
  }

  @Test("Rows are forwarded in their order, and answered 204 without a body")
  func stored() async throws {
    let gateway = TestGateway()
    let answer = try await gateway.ingest(
      Self.body(
        #"{"timestamp": 1700000000, "name": "orders", "value": 5, "extra": [{}]}, {"value": -1.5e-3, "name": "é", "timestamp": 0.0}"#
      ))
    #expect(answer.status == .noContent)
    #expect(answer.body.readableBytes == 0)
    #expect(answer.headers[.contentLength] == nil)
    let call = try #require(gateway.ingest.calls.first)
    #expect(call.dataSource == "store_metrics")
    #expect(call.records.map(\.timestamp) == [1_700_000_000, 0])
    #expect(call.records.map(\.name) == ["orders", "é"])
    #expect(call.records.map(\.value) == [5, -0.0015])
  }

  @Test("An empty list of records is stored as such")
  func empty() async throws {
    let gateway = TestGateway()
    #expect(try await gateway.ingest(Self.body("")).status == .noContent)
    #expect(gateway.ingest.calls.count == 1)
  }

  @Test("100,000 records go out in messages far below 4 MiB, in their order")
  func batches() async throws {
    let gateway = TestGateway()
    let records = (0..<100_000).map { #"{"timestamp":\#($0),"name":"a","value":\#($0)}"# }
    #expect(try await gateway.ingest(Self.body(records.joined(separator: ","))).status == .noContent)
    let call = try #require(gateway.ingest.calls.first)
    #expect(call.records.map(\.timestamp) == Array(0..<100_000))
    #expect(try call.batches.allSatisfy { try $0.serializedData().count < 2 << 20 })
  }

  @Test("A record too many is a 413, before whatever is wrong with the records")
  func tooManyRecords() async throws {
    let records = Array(repeating: "{}", count: 100_001).joined(separator: ",")
    #expect(try await TestGateway().ingest(Self.body(records)).isError(413, "Request body too large."))
  }

  @Test("A body over 16 MiB is a 413; one of exactly 16 MiB is read")
  func tooLong() async throws {
    let body = Self.body("")
    let padding = String(repeating: " ", count: (16 << 20) - body.utf8.count)
    #expect(try await TestGateway().ingest(body + padding).status == .noContent)
    #expect(try await TestGateway().ingest(body + padding + " ").isError(413, "Request body too large."))
  }

  static let problems: [(String, String)] = [
    ("[]", "Request body must be a JSON object"),
    ("null", "Request body must be a JSON object"),
    (#""x""#, "Request body must be a JSON object"),
    ("{}", "data_source must be a string"),
    (#"{"data_source": 5, "records": []}"#, "data_source must be a string"),
    (#"{"data_source": null, "records": 5}"#, "data_source must be a string"),
    (#"{"data_source": "s"}"#, "records must be an array"),
    (#"{"data_source": "s", "records": {}}"#, "records must be an array"),
    (#"{"data_source": "s", "records": null}"#, "records must be an array"),
    (body("1"), "records[0] must be an object"),
    (body("[]"), "records[0] must be an object"),
    (body("{}"), "records[0].timestamp must be an integer number of Unix seconds"),
    (body(#"{"name": "a", "value": 1}"#), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("true", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("null", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row(#""5""#, #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("5.5", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("1750000000.0000001", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("17500000001e-1", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("5e-324", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("1e-99999999999999999999", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("1e99999999999999999999", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("1e400", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (row("99999999999999999999", #""a""#, "1"), "records[0].timestamp must be an integer number of Unix seconds"),
    (
      row("-1", #""a""#, "1"),
      "records[0].timestamp must be an integer number of Unix seconds from 0 to 253402300799"
    ),
    (
      row("1700000000000", #""a""#, "1"),
      "records[0].timestamp must be an integer number of Unix seconds, not milliseconds"
    ),
    (
      row("253402300800", #""a""#, "1"),
      "records[0].timestamp must be an integer number of Unix seconds, not milliseconds"
    ),
    (
      row("1700000000000000000", #""a""#, "1"),
      "records[0].timestamp must be an integer number of Unix seconds from 0 to 253402300799"
    ),
    (row("1", "5", "1"), "records[0].name must be a string"),
    (row("1", "null", "1"), "records[0].name must be a string"),
    (row("1", #""""#, "1"), "records[0].name must be 1 to 255 bytes of UTF-8 without control characters"),
    (row("1", #""a\n""#, "1"), "records[0].name must be 1 to 255 bytes of UTF-8 without control characters"),
    (row("1", #""\u0000""#, "1"), "records[0].name must be 1 to 255 bytes of UTF-8 without control characters"),
    (row("1", #""\u0085""#, "1"), "records[0].name must be 1 to 255 bytes of UTF-8 without control characters"),
    (
      row("1", #""\#(String(repeating: "é", count: 128))""#, "1"),
      "records[0].name must be 1 to 255 bytes of UTF-8 without control characters"
    ),
    (row("1", #""timestamp""#, "1"), "records[0].name must not be 'timestamp'"),
    (row("1", #""a""#, "null"), "records[0].value must be a finite number"),
    (row("1", #""a""#, #""1""#), "records[0].value must be a finite number"),
    (row("1", #""a""#, "true"), "records[0].value must be a finite number"),
    (row("1", #""a""#, "1e400"), "records[0].value must be a finite number"),
    (row("1", #""a""#, "-1e400"), "records[0].value must be a finite number"),
    (body(#"{"timestamp": 1, "name": "a"}"#), "records[0].value must be a finite number"),
    (
      body(
        Array(repeating: #"{"timestamp": 1, "name": "a", "value": 1}"#, count: 17).joined(separator: ",")
          + #", {"timestamp": 1.5, "name": 5}, {}"#),
      "records[17].timestamp must be an integer number of Unix seconds"
    ),
  ]

  static func row(_ timestamp: String, _ name: String, _ value: String) -> String {
    body(#"{"timestamp": \#(timestamp), "name": \#(name), "value": \#(value)}"#)
  }

  @Test("A body that cannot be taken is a 400 that names the first bad thing", arguments: problems)
  func problem(_ body: String, _ detail: String) async throws {
    let gateway = TestGateway()
    #expect(try await gateway.ingest(body).isError(400, detail))
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test(
    "Values at the edges of what is allowed are taken",
    arguments: [
      row("253402300799", #""a""#, "1"), row("5.0", #""a""#, "1"), row("1e3", #""a""#, "1"), row("-0", #""a""#, "-0.0"),
      row("17500000000e-1", #""a""#, "1"), row("1.75e9", #""a""#, "1"),
      row("0.000e-99999999999999999999", #""a""#, "1"),
      row("1", #""\#(String(repeating: "é", count: 127))a""#, "1"), row("1", #""Timestamp""#, "5e-324"),
      row("1", #""\ud83d\ude00""#, "1e-400"), row("1", #""a\"b\\""#, "123456789012345678901234567890"),
    ])
  func edges(_ body: String) async throws {
    #expect(try await TestGateway().ingest(body).status == .noContent)
  }

  @Test("Of a member that comes twice the later one counts")
  func duplicates() async throws {
    let gateway = TestGateway()
    let body =
      #"{"records": 5, "data_source": 1, "data_source": "s", "records": [{"timestamp": "x", "timestamp": 7, "name": "a", "value": 1}]}"#
    #expect(try await gateway.ingest(body).status == .noContent)
    #expect(gateway.ingest.calls.first?.records.map(\.timestamp) == [7])
  }

  @Test("A data source whose name is longer than any is not found, once the caller is known")
  func longName() async throws {
    let gateway = TestGateway()
    let body = #"{"data_source": "\#(String(repeating: "a", count: 5_000_000))", "records": []}"#
    #expect(try await gateway.ingest(body).isError(404, "Data source not found."))
    #expect(try await gateway.ingest(body, authorization: "Bearer ts_unknown").status.code == 401)
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test(
    "Each refusal of the service has its status",
    arguments: [
      (ServiceError.Reason.dataSourceNotFound, 404, "Data source not found."),
      (.dataSourceArchived, 409, "Data source is archived."),
      (.tooManyRecords, 413, "Request body too large."),
      (.rateLimited, 429, "Too many requests."),
      (.unavailable, 502, "Ingest failed."),
    ])
  func refusals(_ reason: ServiceError.Reason, _ status: Int, _ detail: String) async throws {
    let gateway = TestGateway(ingest: FakeIngestClient { throw ServiceError(reason) })
    #expect(try await gateway.ingest(Self.body("")).isError(status, detail))
  }
}
