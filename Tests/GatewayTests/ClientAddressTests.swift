import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServiceKit
import Testing

/// For whom the services are asked, and what a client hears who has tried too many tokens.
@Suite(.timeLimit(.minutes(1))) struct ClientAddressTests {
  private func send(_ gateway: TestGateway, forwardedFor: String?) async throws {
    var headers: HTTPFields = [.authorization: TestGateway.good]
    if let forwardedFor { headers[try #require(HTTPField.Name("X-Forwarded-For"))] = forwardedFor }
    let fields = headers
    try await gateway.application.test(.live) { client in
      let answer = try await client.execute(
        uri: TestGateway.predictPath, method: .post, headers: fields, body: ByteBuffer(string: "not json")
      ) { $0 }
      #expect(answer.status == .badRequest)
    }
  }

  @Test("The services are told the address that a client calls from, and a proxy's word only if it is trusted")
  func addresses() async throws {
    let gateway = TestGateway()
    try await send(gateway, forwardedFor: nil)
    try await send(gateway, forwardedFor: "192.0.2.7")
    #expect(gateway.verifier.clients == [ClientAddress("127.0.0.1"), ClientAddress("127.0.0.1")])

    var proxied = TestGateway()
    proxied.origin = PublicOrigin(
      nil, speaksTLS: false, trustedProxies: try #require(TrustedProxies("127.0.0.0/8,::1/128")))
    try await send(proxied, forwardedFor: "192.0.2.7")
    #expect(proxied.verifier.clients == [ClientAddress("192.0.2.7")])
  }

  @Test("A client that has tried too many tokens is told how long to wait", arguments: ["not json", "{}"])
  func tooMany(body: String) async throws {
    let gateway = TestGateway()
    for path in [TestGateway.ingestPath, TestGateway.predictPath] {
      let answer = try await gateway.send(.post, path, authorization: "Bearer ts_many", body: body)
      #expect(answer.isError(429, "Too many requests."))
      #expect(answer.headers[.retryAfter] == "7")
    }
  }
}
