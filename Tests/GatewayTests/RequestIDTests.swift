import HTTPTypes
import HummingbirdTesting
import InMemoryLogging
import Logging
import ServiceKit
import Testing

/// The id of a request, on its response and in the log.
@Suite struct RequestIDTests {
  private static let name = HTTPField.Name("X-Request-Id")

  /// Sends a prediction request with these ids and returns the one that is answered, and the log.
  private func send(_ ids: [String]) async throws -> (answered: String, log: [InMemoryLogHandler.Entry]) {
    var handler = InMemoryLogHandler()
    handler.metadataProvider = RequestID.metadataProvider
    var gateway = TestGateway()
    gateway.logger = Logger(label: "test") { [handler] _ in handler }
    let name = try #require(Self.name)
    var headers = HTTPFields()
    for id in ids { headers.append(HTTPField(name: name, value: id)) }
    let answer = try await gateway.predict(headers: headers)
    return (try #require(answer.headers[name]), handler.entries)
  }

  @Test("Each line of a request's log has its id, and no other one")
  func log() async throws {
    let (answered, log) = try await send(["mine"])
    #expect(answered == "mine")
    #expect(log.contains { $0.message == "Request" })
    for entry in log {
      #expect(entry.metadata["request_id"] == "mine")
      #expect(entry.metadata.keys.filter { $0.contains("id") } == ["request_id"], "\(entry)")
    }
  }

  @Test("A request with two ids, or an ill-formed one, gets a new one", arguments: [["a", "b"], ["a b"], [""]])
  func new(_ ids: [String]) async throws {
    let (answered, _) = try await send(ids)
    #expect(answered.count == 32)
    #expect(answered.allSatisfy { $0.isHexDigit })
  }
}
