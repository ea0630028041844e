import HTTPTypes
import HummingbirdTesting
import Testing

@Suite struct MalformedBodyTests {
  static let texts: [String] = [
    "", " ", "{", "}", "{\"a\":1", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1}x", "{\"a\":1}{}",
    "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":1e}",
    "{\"a\":0x10}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":tru}", "{\"a\":TRUE}",
    "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"x", "{\"a\":1}\u{0}", "\u{FEFF}{\"a\":1}",
    "/**/{\"a\":1}", "{\"a\":1 \"b\":2}", "{1:2}", "{null:1}", "[1 2]", "nul", "\u{A0}{}", "data_source=x",
    "{\"a\":" + String(repeating: "[", count: 129) + String(repeating: "]", count: 129) + "}",
    String(repeating: "[", count: 900_000), String(repeating: "{\"a\":", count: 100_000),
  ]

  @Test("What is not JSON is a 400 of both endpoints", arguments: texts)
  func text(_ text: String) async throws {
    try await expectMalformed(Array(text.utf8))
  }

  @Test(
    "Bytes that are not UTF-8 are not JSON",
    arguments: [
      [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D],
      [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xC0, 0x80, 0x22, 0x7D],
      [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x7D],
      Array("{}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
      Array("{}".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }),
      [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00],
    ] as [[UInt8]])
  func bytes(_ bytes: [UInt8]) async throws {
    try await expectMalformed(bytes)
  }

  @Test("What nests as deep as is read is JSON")
  func depth() async throws {
    let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
    let answer = try await TestGateway().ingest(#"{"data_source": "s", "records": [], "extra": \#(deep)}"#)
    #expect(answer.status == .noContent)
  }

  /// What the client is told after "Request body must be valid JSON: ".
  static let reasons: [(String, String)] = [
    ("", "it ends too early (byte offset 0)"),
    ("\u{FEFF}{}", "it must not begin with a byte order mark (byte offset 0)"),
    ("{}x", "it must end after its value (byte offset 2)"),
    ("data_source=x", "it must be a JSON value (byte offset 0)"),
    (#"{"a": [1, ]}"#, "a must not have a comma before its ] (byte offset 10)"),
    (#"{"a": 1, }"#, "it must not have a comma before its } (byte offset 9)"),
    (#"{"a" 1}"#, "it must have a colon after a member's name (byte offset 5)"),
    ("{'a': 1}", "it must have a member's name in quotation marks here (byte offset 1)"),
    (#"{"a": 1 "b": 2}"#, "it must have a comma or a } here (byte offset 8)"),
    (#"{"a": NaN}"#, "a must be a finite number, not NaN (byte offset 6)"),
    (#"{"a": {"b": -Infinity}}"#, "a.b must be a finite number, not -Infinity (byte offset 12)"),
    (#"{"a": nan}"#, "a must be a finite number, not nan (byte offset 6)"),
    (#"{"a": tru}"#, "a must be a JSON value (byte offset 6)"),
    (#"{"a": 01}"#, "a must not begin with 0 before other digits (byte offset 6)"),
    (#"{"a": 1.}"#, "a must have a digit here (byte offset 8)"),
    (#"{"a": "\x"}"#, "a must not hold an escape that JSON does not have (byte offset 8)"),
    (#"{"a": "\ud800"}"#, "a must not hold half of a surrogate pair (byte offset 13)"),
    ("{\"a\": \"\t\"}", "a must not hold a control character that is not escaped (byte offset 7)"),
    (#"{"a": "x"#, "a ends too early (byte offset 8)"),
    (
      IngestTests.body(#"{"timestamp": 1, "name": "a", "value": 1}, {"timestamp": 1, "name": "a", "value": 1,}"#),
      "records[1] must not have a comma before its } (byte offset 129)"
    ),
    (IngestTests.body("{}, {},"), "records must not have a comma before its ] (byte offset 52)"),
    (IngestTests.body(#"{}, {"name": "a}"#), "records[1].name ends too early (byte offset 63)"),
  ]

  @Test("An ingest is told where its body is not JSON, and what is wrong there", arguments: reasons)
  func reason(_ body: String, _ reason: String) async throws {
    #expect(try await TestGateway().ingest(body).isError(400, "Request body must be valid JSON: \(reason)"))
  }

  @Test(
    "A number that JSON does not have is named by its record and field",
    arguments: ["NaN", "Infinity", "-Infinity", "nan", "-inf"])
  func notFinite(_ number: String) async throws {
    let good = #"{"timestamp": 1, "name": "a", "value": 1}"#
    for (field, record) in [
      ("value", #"{"timestamp": 1, "name": "a", "value": \#(number)}"#),
      ("timestamp", #"{"value": 1, "timestamp": \#(number)}"#),
    ] {
      let answer = try await TestGateway().ingest(IngestTests.body(good + "," + record))
      #expect(answer.isError(400, "records[1].\(field) must be a finite number, not \(number)"))
    }
  }

  /// What the client is told of a value that is no JSON and of another type than belongs there.
  static let mistyped: [(String, String)] = [
    (#"{"data_source": NaN, "records": []}"#, "data_source must be a string, not NaN"),
    (#"{"data_source": -Infinity}"#, "data_source must be a string, not -Infinity"),
    (#"{"data_source": "s", "records": NaN}"#, "records must be an array, not NaN"),
    (#"{"data_source": "s", "records": -inf}"#, "records must be an array, not -inf"),
    (IngestTests.body("{}, nan"), "records[1] must be an object, not nan"),
    (IngestTests.body("-Infinity"), "records[0] must be an object, not -Infinity"),
    (IngestTests.row("1", "NaN", "1"), "records[0].name must be a string, not NaN"),
    (IngestTests.row("1", "-Infinity", "1"), "records[0].name must be a string, not -Infinity"),
    (IngestTests.body(#"{}, {"name": NaN}"#), "records[1].name must be a string, not NaN"),
    ("NaN", "Request body must be valid JSON: it must be an object, not NaN (byte offset 0)"),
    (
      #"{"data_source": [NaN]}"#,
      "Request body must be valid JSON: data_source[0] must be a finite number, not NaN (byte offset 17)"
    ),
  ]

  @Test("A number that JSON does not have is told by the type that belongs in its place", arguments: mistyped)
  func placed(_ body: String, _ detail: String) async throws {
    #expect(try await TestGateway().ingest(body).isError(400, detail))
  }

  @Test("A record keeps its index in the path to what is no JSON, however long and deep that is")
  func longPath() async throws {
    func path(_ record: String) async throws -> Substring {
      let answer = try await TestGateway().ingest(IngestTests.body("{}, " + record))
      #expect(answer.status == .badRequest)
      return answer.text.dropFirst(#"{"detail": "Request body must be valid JSON: "#.count).prefix { $0 != " " }
    }
    let name = String(repeating: "é", count: 500)
    let short = String(repeating: "é", count: 16) + "…"
    #expect(try await path(#"{"\#(name)": x}"#) == "records[1].\(short)")
    #expect(try await path(#"{"a": {"\#(name)": {"b": [[x]]}}}"#) == "records[1].a.\(short).b[0][0]")
    let deep = try await path(String(repeating: #"{"member": "#, count: 100) + "x")
    #expect(deep.hasPrefix("records[1].member.member.member"))
    #expect(deep.hasSuffix(".member…") && deep.utf8.count <= 103)
  }

  @Test("Bytes that are not UTF-8 are named by their offset, and a long name is told in part")
  func offsets() async throws {
    let gateway = TestGateway()
    let latin1 = try await gateway.send(
      .post, TestGateway.ingestPath, bytes: Array(#"{"é": ""#.utf8) + [0xE9, 0x22, 0x7D])
    #expect(latin1.isError(400, "Request body must be valid JSON: it must be UTF-8 (byte offset 8)"))
    let name = String(repeating: "a", count: 1_000)
    let nested = try await gateway.ingest(#"{"\#(name)": {"b": [[}"#)
    let path = name.prefix(32) + "….b[0][0]"
    #expect(nested.isError(400, "Request body must be valid JSON: \(path) must be a JSON value (byte offset 1013)"))
  }

  private func expectMalformed(_ bytes: [UInt8]) async throws {
    let gateway = TestGateway()
    let ingest = try await gateway.send(.post, TestGateway.ingestPath, bytes: bytes)
    #expect(ingest.status == .badRequest)
    #expect(ingest.text.hasPrefix(#"{"detail": "Request body must be valid JSON: "#), "\(ingest.text)")
    let predict = try await gateway.send(.post, TestGateway.predictPath, bytes: bytes)
    #expect(predict.isError(400, "Invalid prediction parameters."))
    #expect(gateway.verifier.asked.count >= 2)
  }
}
