import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import SystemSupport
import TestSupport
import Testing

/// What more than 64 KiB of a request's body take of the process.
@Suite struct LongBodyTests {
  private static let body = IngestTests.body("") + String(repeating: " ", count: 70_000)

  @Test(
    "The sender of a long body is asked for before the rest of it is read", arguments: [TestGateway.good, "Bearer x"])
  func admission(_ authorization: String) async throws {
    let gateway = TestGateway()
    let (body, source) = RequestBody.makeStream()
    async let sent: Void = {
      defer { source.finish() }
      for _ in 0..<3 { await source.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 30_000)) }
      try await eventually("the verifier is asked") { gateway.verifier.asked.isEmpty ? nil : () }
      await source.yield(ByteBuffer(string: IngestTests.body("")))
    }()
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "localhost", path: TestGateway.ingestPath,
      headerFields: [.authorization: authorization])
    let context = APIContext(
      source: ApplicationRequestContextSource(
        channel: NIOAsyncTestingChannel(), logger: .silent))
    let answer = try await gateway.application.responder.respond(to: Request(head: head, body: body), context: context)
    try await sent
    #expect(answer.status == (authorization == TestGateway.good ? .noContent : .unauthorized))
    #expect(gateway.verifier.asked.count == 1)
  }

  @Test("Nobody is asked about the sender of a short body, nor of one that cannot hold a token")
  func unasked() async throws {
    let gateway = TestGateway()
    #expect(try await gateway.ingest(IngestTests.body("")).status == .noContent)
    #expect(try await gateway.ingest(Self.body, authorization: "Basic eDp5").isError(401, "Missing access token."))
    #expect(gateway.verifier.asked.isEmpty)
  }

  @Test("A verifier that is down is a 502 of a good long body too")
  func verifierDown() async throws {
    let gateway = TestGateway()
    gateway.verifier.breakDown()
    #expect(try await gateway.ingest(Self.body).isError(502, "Ingest failed."))
    #expect(gateway.ingest.calls.isEmpty)
  }

  @Test("However many long bodies of one account stay unfinished, another's are answered")
  func neighbour() async throws {
    var limits = ServerLimits()
    limits.bodyMemory = 400_000
    let gateway = TestGateway(limits: limits)
    let responder = gateway.application.responder
    try await withThrowingTaskGroup(of: Void.self) { group in
      var sources: [RequestBody.Source] = []
      for _ in 0..<10 {
        let (body, source) = RequestBody.makeStream()
        sources.append(source)
        group.addTask {
          _ = try await responder.respond(to: Self.request(TestGateway.good, body), context: Self.context)
        }
        group.addTask { await source.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 70_000)) }
      }
      try await eventually { gateway.verifier.asked.count == 10 }
      let answer = try await Self.send(Self.body, as: "Bearer ts_other", to: responder)
      #expect(answer.status == .noContent)
      #expect(gateway.ingest.calls.count == 1)
      for source in sources { source.finish() }
      try await group.waitForAll()
    }
  }

  @Test("A long body that finds no room in time is a 429 that says when to try again")
  func patience() async throws {
    var limits = ServerLimits()
    limits.bodyMemory = 100_000
    limits.bodyPace.timeout = .seconds(2)
    let gateway = TestGateway(limits: limits)
    let responder = gateway.application.responder
    let (unfinished, source) = RequestBody.makeStream()
    async let first = responder.respond(to: Self.request(TestGateway.good, unfinished), context: Self.context)
    await source.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 70_000))
    try await eventually { gateway.verifier.asked.count == 1 }
    // The first one may take its share after another's: then that one is answered.
    let refusal = try await eventually("one is refused") {
      let answer = try await Self.send(Self.body, to: responder)
      return answer.status == .noContent ? nil : answer
    }
    #expect(refusal.status == .tooManyRequests)
    #expect(refusal.headers[.retryAfter] == "1")
    source.finish()
    _ = try await first
  }

  private static func send(
    _ text: String, as authorization: String = TestGateway.good, to responder: PublicResponder
  ) async throws -> Response {
    let (body, source) = RequestBody.makeStream()
    async let sent: Void = {
      await source.yield(ByteBuffer(string: text))
      source.finish()
    }()
    let answer = try await responder.respond(to: request(authorization, body), context: context)
    await sent
    return answer
  }

  private static func request(_ authorization: String, _ body: RequestBody) -> Request {
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "localhost", path: TestGateway.ingestPath,
      headerFields: [.authorization: authorization, .contentLength: "70000"])
    return Request(head: head, body: body)
  }

  private static var context: APIContext {
    APIContext(source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: .silent))
  }

  @Test("Long bodies that find no room wait until others are answered, and each is answered")
  func memory() async throws {
    let held = Mutex((now: 0, most: 0))
    let client = FakeIngestClient {
      held.withLock { held in
        held.now += 1
        held.most = max(held.most, held.now)
      }
      for _ in 0..<100 { await Task.yield() }
      held.withLock { $0.now -= 1 }
    }
    var limits = ServerLimits()
    limits.bodyMemory = 200_000
    try await TestGateway(ingest: client, limits: limits).application.test(.router) { server in
      try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
        for _ in 0..<20 {
          group.addTask {
            try await server.execute(
              uri: TestGateway.ingestPath, method: .post, headers: [.authorization: TestGateway.good],
              body: ByteBuffer(string: Self.body)
            ) { $0.status }
          }
        }
        for try await status in group { #expect(status == .noContent) }
      }
    }
    #expect(client.calls.count == 20)
    #expect(1...2 ~= held.withLock { $0.most })
  }
}
