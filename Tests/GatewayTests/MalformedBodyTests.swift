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

  private func expectMalformed(_ bytes: [UInt8]) async throws {
    let gateway = TestGateway()
    let ingest = try await gateway.send(.post, TestGateway.ingestPath, bytes: bytes)
    #expect(ingest.isError(400, "Request body must be valid JSON"))
    let predict = try await gateway.send(.post, TestGateway.predictPath, bytes: bytes)
    #expect(predict.isError(400, "Invalid prediction parameters."))
    #expect(gateway.verifier.asked.count >= 2)
  }
}
