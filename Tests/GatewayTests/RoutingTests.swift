import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@Suite struct RoutingTests {
  @Test("The process's health needs no credential")
  func health() async throws {
    let answer = try await TestGateway().send(.get, "/healthz", authorization: nil)
    #expect(answer.status == .ok)
    #expect(answer.text == #"{"status": "ok"}"#)
    #expect(answer.headers[.contentType] == "application/json")
  }

  @Test("HEAD is answered like GET, without a body")
  func head() async throws {
    let answer = try await TestGateway().send(.head, "/healthz", authorization: nil)
    #expect(answer.status == .ok)
    #expect(answer.body.readableBytes == 0)
    #expect(answer.headers[.contentLength] == "16")
  }

  @Test(
    "A path that is not exactly a known one is a 404",
    arguments: [
      "/", "/v1", "/v1/predict/", "//v1/predict", "/v1//predict", "/V1/predict", "/v1/predictx", "/healthz/x",
    ])
  func unknownPath(_ path: String) async throws {
    for method: HTTPRequest.Method in [.get, .post, .options] {
      let answer = try await TestGateway().send(method, path, authorization: nil, body: "x")
      #expect(answer.isError(404, "Not Found"))
    }
  }

  @Test(
    "Another method is a 405 that says which there is, and comes before authentication",
    arguments: [HTTPRequest.Method.get, .put, .patch, .delete, .options, .trace])
  func wrongMethod(_ method: HTTPRequest.Method) async throws {
    for path in [TestGateway.ingestPath, TestGateway.predictPath] {
      let answer = try await TestGateway().send(method, path, authorization: nil)
      #expect(answer.isError(405, "Method Not Allowed"))
      #expect(answer.headers[.allow] == "POST")
    }
  }

  @Test("HEAD to a path that takes POST is a 405 without a body")
  func headOfPost() async throws {
    let answer = try await TestGateway().send(.head, TestGateway.predictPath)
    #expect(answer.status.code == 405)
    #expect(answer.headers[.allow] == "POST")
    #expect(answer.body.readableBytes == 0)
  }

  @Test("POST to the health path is a 405 that allows GET and HEAD")
  func postOfHealth() async throws {
    let answer = try await TestGateway().send(.post, "/healthz", body: "{}")
    #expect(answer.isError(405, "Method Not Allowed"))
    #expect(answer.headers[.allow] == "GET, HEAD")
  }

  @Test("A query is ignored, and so is the content type")
  func query() async throws {
    let gateway = TestGateway()
    let answer = try await gateway.send(
      .post, TestGateway.ingestPath + "?a=b", headers: [.contentType: "application/x-www-form-urlencoded"],
      body: #"{"data_source": "s", "records": []}"#)
    #expect(answer.status == .noContent)
  }
}
