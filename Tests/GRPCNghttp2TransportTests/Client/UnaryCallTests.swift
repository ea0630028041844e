import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// Unary calls that are made without GRPCCore. That each test's client ends shows that no call is left open.
@Suite(.timeLimit(.minutes(1))) struct UnaryCallTests {
  @Test("Each of many calls gets its own answer, whether it had to wait for the connection or not")
  func echo() async throws {
    try await withServer { _, endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<1_000 {
            let message = Array("call \(number)".utf8)
            group.addTask { try await transport.expect("Echo", message, answer: message) }
          }
          try await group.waitForAll()
        }
        try await transport.expect("Echo", [], answer: [])
      }
    }
  }

  @Test("Metadata arrives with the request")
  func metadata() async throws {
    let seen = Mutex<[String]>([])
    let service = TestService([
      "Look": { request, context in
        seen.withLock { $0 = Array(request.metadata[stringValues: "x-test"]) }
        return try await TestService.echo(request, context)
      }
    ])
    try await withServer(service) { _, endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        try await transport.expect("Look", [1], metadata: ["x-test": "here"], answer: [1])
      }
    }
    #expect(seen.withLock(\.self) == ["here"])
  }

  @Test("Messages that are larger than the windows come whole, and one that is too large fails by itself")
  func large() async throws {
    try await withServer { _, endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try await transport.expect("Echo", message, answer: message)
        let tooLarge = [UInt8](repeating: 1, count: 5_000_000)
        let error = await rpcError { _ = try await transport.answer("Echo", tooLarge) }
        #expect(error?.code == .resourceExhausted)
        try await transport.expect("Echo", [1], answer: [1])
      }
    }
  }

  @Test("A status that is not OK becomes its error, with message and metadata")
  func status() async throws {
    try await withServer { _, endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        let code = UInt8(Status.Code.notFound.rawValue)
        let error = await rpcError { _ = try await transport.answer("Fail", [code] + "not here".utf8) }
        #expect(error?.code == .notFound)
        #expect(error?.message == "not here")
        #expect(error.map { Array($0.metadata[binaryValues: "x-detail-bin"]) } == [[0, 255, 1]])
        let unknown = await rpcError { _ = try await transport.answer("Nowhere", []) }
        #expect(unknown?.code == .unimplemented)
      }
    }
  }

  @Test("A response of no message or of several is INTERNAL", arguments: [0, 2, 100] as [UInt8])
  func messages(count: UInt8) async throws {
    try await withServer { _, endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        try await transport.expect("Expand", [1], answer: [0])
        let error = await rpcError { _ = try await transport.answer("Expand", [count]) }
        #expect(error?.code == .internalError)
      }
    }
  }

  @Test("A flood of messages in one frame ends the call, and the next one is answered")
  func messageFlood() async throws {
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      try await peer.respond(id)
      try await peer.send { session in
        // 3,200 empty messages.
        try session.write(streamID: id, bytes: [UInt8](repeating: 0, count: 16_000))
      }
      _ = try await peer.read { $0.closeCode(id) == .cancel }
      try await QueuedCallTests.serve(peer, after: id, answer: 1)
    } _: { endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        let error = await rpcError { _ = try await transport.answer("Echo", [7]) }
        #expect(error?.code == .internalError)
        try await transport.expect("Echo", [7], answer: [1])
      }
    }
  }

  @Test("The service config's limits and waits hold for the method that they name")
  func serviceConfig() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.serviceConfig = ServiceConfig(methodConfig: [
      MethodConfig(names: [MethodConfig.Name(service: "test.Service")], maxRequestMessageBytes: 10)
    ])
    try await withServer { _, endpoint in
      try await withClientTransport([endpoint], configuration: configuration) { _, transport in
        try await transport.expect("Echo", [UInt8](repeating: 1, count: 10), answer: [UInt8](repeating: 1, count: 10))
        let error = await rpcError { _ = try await transport.answer("Echo", [UInt8](repeating: 1, count: 11)) }
        #expect(error?.code == .resourceExhausted)
      }
    }
  }

  @Test("A call that is not answered in time ends, and its server receives CANCEL")
  func silentServer() async throws {
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      _ = try await peer.read { $0.closeCode(id) == .cancel }
      try await QueuedCallTests.serve(peer, after: id, answer: 1)
    } _: { endpoint in
      try await withClientTransport([endpoint]) { _, transport in
        let error = await rpcError { _ = try await transport.answer("Echo", [7], timeout: .milliseconds(50)) }
        #expect(error?.code == .deadlineExceeded)
        try await transport.expect("Echo", [7], answer: [1])
      }
    }
  }

  @Test("Without a server the call fails at once, and with the reason")
  func unreachable() async throws {
    let endpoint = try await withServer { _, endpoint in endpoint }
    try await withClientTransport([endpoint]) { _, transport in
      let error = await rpcError { _ = try await transport.answer("Echo", [1]) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("\(endpoint)") == true)
    }
  }

  @Test("A call that is left out of a GOAWAY is made again on another connection")
  func moved() async throws {
    let connections = try await TransparentRetryTests.withServer { peer in
      _ = try await peer.nextRequest()
      try await peer.sendRaw(TransparentRetryTests.goAway(last: 0))
      _ = try await peer.read { _ in false }
    } transport: { _, transport in
      try await transport.expect("Echo", [1, 2, 3], answer: [1, 2, 3])
    }
    #expect(connections == 2)
  }

  @Test("A connection that is lost fails its calls, of which nobody knows whether they were executed")
  func lost() async throws {
    _ = try await TransparentRetryTests.withServer { peer in
      _ = try await peer.nextRequest()
      throw CancellationError()
    } transport: { _, transport in
      let error = await rpcError { _ = try await transport.answer("Echo", [1]) }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("A failed call is made again as the service config says")
  func retried() async throws {
    let flaky = RetryPolicyTests.Flaky()
    try await withServer(flaky.service(code: .unavailable, failures: 2, then: TestService.echo)) { _, endpoint in
      try await withClientTransport([endpoint], configuration: RetryPolicyTests.retrying()) { _, transport in
        try await transport.expect("Flaky", [5], answer: [5])
      }
    }
    #expect(flaky.executions.value == 3)
  }

  @Test("A client that was told to stop lets calls end, and takes no more")
  func shutdown() async throws {
    let (asked, released) = (Event(), Event())
    let service = TestService([
      "Wait": { request, context in
        asked.happen()
        await released.wait()
        return try await TestService.echo(request, context)
      }
    ])
    try await withServer(service) { _, endpoint in
      try await withClientTransport([endpoint]) { client, transport in
        async let answer = transport.answer("Wait", [9])
        await asked.wait()
        client.beginGracefulShutdown()
        let error = await rpcError { _ = try await transport.answer("Echo", [1]) }
        #expect(error?.code == .failedPrecondition)
        released.happen()
        let answered = try await answer
        #expect(answered == [9])
      }
    }
  }
}

extension Nghttp2ClientTransport {
  /// Makes a unary call, which must be answered with `answer`.
  fileprivate func expect(
    _ method: String, _ message: [UInt8], metadata: Metadata = [:], answer: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let received = try await self.answer(method, message, metadata: metadata)
    #expect(received == answer, sourceLocation: sourceLocation)
  }

  /// The answer to a unary call.
  fileprivate func answer(
    _ method: String, _ message: [UInt8], metadata: Metadata = [:], timeout: Duration = .seconds(30)
  ) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      self.unary(TestService.method(method), message, metadata: metadata, timeout: timeout) { response in
        continuation.resume(with: response.mapError { $0 as any Error })
      }
    }
  }
}
