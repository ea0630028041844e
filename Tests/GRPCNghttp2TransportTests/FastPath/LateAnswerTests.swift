import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// The answers that a fast path promises.
@Suite(.timeLimit(.minutes(1))) struct LateAnswerTests {
  private let recorder = FastPathRecorder()
  private let answers = PromisedAnswers()
  private static let message: [UInt8] = [0, 0, 0, 0, 1, 1]

  private func promising(_ method: String = "Echo") -> FastPath {
    self.recorder.fastPath(method, self.answers.handler)
  }

  /// Answers with its metadata and messages, and tells whether there is a deadline.
  private static let show = TestService([
    "Show": { request, context in
      let metadata = request.metadata
      let messages = try await request.messages.reduce(into: [[UInt8]]()) { $0.append($1) }
      return StreamingServerResponse(metadata: metadata) { writer in
        try await writer.write(contentsOf: messages)
        return ["x-has-deadline": "\(context.deadline != nil)"]
      }
    }
  ])

  @Test("A call is answered when its promise is completed, from another thread", arguments: [0, 1, 3_000_000])
  func reply(size: Int) async throws {
    let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await withServer(fastPaths: [self.promising()]) { server, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Echo", message)
        let promised = try await self.answers.take()
        #expect(promised.message == message)
        // Others are answered meanwhile.
        try await client.expect("Collect", [7], answer: [7])
        #expect(self.recorder.codes.isEmpty)
        promised.echo()
        let received = try await answer
        #expect(received == [FastPathRecorder.mark] + message)
        try await eventually(until: { server.transport.heldBytes == (0, 0) })
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes == [.ok])
  }

  @Test("The observer hears of the time that a call has waited, too")
  func duration() async throws {
    try await withServer(fastPaths: [self.promising()]) { _, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Echo")
        let promised = try await self.answers.take()
        let end = ContinuousClock.now + .milliseconds(20)
        try await eventually(until: { ContinuousClock.now > end })
        promised.echo()
        _ = try await answer
      }
    }
    #expect(self.recorder.calls.count == 1)
    #expect(self.recorder.calls.allSatisfy { $0.duration >= .milliseconds(20) })
  }

  @Test("A later answer and a later error look like a handler's")
  func sameFields() async throws {
    let error = RPCError(code: .notFound, message: "Nö: 100 %", metadata: ["x-detail-bin": .binary([0, 255, 1])])
    let failed = try MessageFraming.frame([5] + Array("Nö: 100 %".utf8), limit: 100)
    let service = TestService(["Plain": TestService.echo])
    try await withServer(service, fastPaths: [self.promising()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let ids = [
          try await peer.call(method: "Plain", body: Self.message), try await peer.call(body: Self.message),
          try await peer.call(method: "Fail", body: failed), try await peer.call(body: failed),
        ]
        let promised = try await self.answers.take(2)
        promised[1].promise.complete(with: .error(error))
        promised[0].promise.complete(with: .reply([1]))
        for (id, status) in zip(ids, ["0", "0", "5", "5"]) {
          #expect(try await peer.readToEnd(id)["grpc-status"] == status)
        }
        #expect(peer.sections(ids[0]) == peer.sections(ids[1]))
        #expect(peer.payload(ids[0]) == peer.payload(ids[1]))
        #expect(peer.sections(ids[2]) == peer.sections(ids[3]))
      }
    }
    #expect(self.recorder.codes.sorted { $0.rawValue < $1.rawValue } == [.ok, .notFound])
  }

  @Test("A promise may be completed before its handler has returned it")
  func completedFirst() async throws {
    let fastPath = self.recorder.fastPath("Echo") { message, _ in
      let promise = FastPathPromise()
      switch message.array.first {
      case 0: promise.complete(with: .reply([FastPathRecorder.mark]))
      case 1: promise.complete(with: .error(RPCError(code: .aborted, message: "")))
      default: promise.complete(with: .fallThrough)
      }
      return .later(promise)
    }
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Echo", [0], answer: [FastPathRecorder.mark])
        let error = await rpcError { _ = try await client.call("Echo", [1]) }
        #expect(error?.code == .aborted)
        try await client.expect("Echo", [2], answer: [2])
      }
    }
    #expect(self.recorder.codes == [.ok, .aborted])
  }

  /// How a request comes.
  enum Arrival: CaseIterable {
    case inOneBurst
    case endAlone
    case byteByByte
  }

  @Test(
    "What falls through later reaches its handler whole, and the observer hears nothing", arguments: Arrival.allCases)
  func fallsThrough(_ arrival: Arrival) async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    // Each round trip is a ping.
    configuration.minPingInterval = .zero
    let fastPath = self.promising("Show")
    try await withServer(Self.show, configuration: configuration, fastPaths: [fastPath]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let message = try MessageFraming.frame([1, 2, 3], limit: 10)
        let fields = [HTTP2Field("x-name", "value"), HTTP2Field("grpc-timeout", "1H")]
        let id: Int32
        if arrival == .inOneBurst {
          id = try await peer.call(fields, method: "Show", body: message)
        } else {
          id = try await peer.request(fields, method: "Show")
          for piece in arrival == .byteByByte ? message.map({ [$0] }) : [message] {
            try await peer.send { try $0.write(streamID: id, bytes: piece) }
            try await peer.roundTrip()
          }
          try await peer.send { try $0.finish(streamID: id) }
        }
        let promised = try await self.answers.take()
        #expect(promised.message == [1, 2, 3])
        // The bytes of other requests don't change what was kept.
        let other = try await peer.call([HTTP2Field("x-name", "other")], method: "Collect", body: Self.message)
        #expect(try await peer.readToEnd(other)["grpc-status"] == "0")
        #expect(!peer.hasEnded(id))
        promised.promise.complete(with: .fallThrough)
        let trailers = try await peer.readToEnd(id)
        #expect(peer.sections(id).first?["x-name"] == "value")
        #expect(peer.payload(id) == message)
        #expect(trailers["grpc-status"] == "0")
        #expect(trailers["x-has-deadline"] == "true")
      }
      try await eventually(until: { server.transport.heldBytes == (0, 0) })
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes.isEmpty)
  }

  @Test("A call falls through when its promise is let go, at once or later", arguments: [false, true])
  func dropped(atOnce: Bool) async throws {
    let fastPath =
      atOnce ? self.recorder.fastPath("Echo") { _, _ in .later(FastPathPromise()) } : self.promising()
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Echo", [1, 2])
        if !atOnce {
          _ = try await self.answers.take()
        }
        let received = try await answer
        #expect(received == [1, 2])
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes.isEmpty)
  }

  @Test("Calls of one connection are answered in any order, and each gets its own answer", arguments: [false, true])
  func anyOrder(oneByOne: Bool) async throws {
    let count: UInt8 = 50
    try await withServer(fastPaths: [self.promising()]) { _, endpoint in
      try await withClient([endpoint]) { client in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<count {
            group.addTask {
              // Each third falls through.
              let answer = number % 3 == 0 ? [number] : [FastPathRecorder.mark, number]
              try await client.expect("Echo", [number], answer: answer)
            }
          }
          let promised = try await self.answers.take(Int(count))
          for answer in promised.reversed() {
            if answer.message[0] % 3 == 0 {
              answer.promise.complete(with: .fallThrough)
            } else {
              answer.echo()
            }
            if oneByOne {
              _ = try await group.next()
            }
          }
          try await group.waitForAll()
        }
      }
    }
    #expect(self.recorder.codes == [Status.Code](repeating: .ok, count: 33))
  }

  @Test("Of several completions the first counts, from whichever thread they come")
  func completedTwice() async throws {
    try await withServer(fastPaths: [self.promising()]) { _, endpoint in
      try await withClient([endpoint]) { client in
        async let first = client.call("Echo")
        let promised = try await self.answers.take()
        promised.promise.complete(with: .reply([1]))
        promised.promise.complete(with: .error(RPCError(code: .aborted, message: "")))
        promised.promise.complete(with: .fallThrough)
        let received = try await first
        #expect(received == [1])
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<20 {
            group.addTask {
              let answer = try await client.call("Echo", [9])
              #expect((0..<4).contains(answer.first ?? 9))
            }
          }
          for promised in try await self.answers.take(20) {
            for number: UInt8 in 0..<4 {
              group.addTask { promised.promise.complete(with: .reply([number])) }
            }
          }
          try await group.waitForAll()
        }
      }
    }
    #expect(self.recorder.codes == [Status.Code](repeating: .ok, count: 21))
  }

  @Test("The handler of one call may answer another")
  func answeredByHandler() async throws {
    let first = Mutex<FastPathPromise?>(nil)
    let fastPath = self.recorder.fastPath("Echo") { _, _ in
      let promise: FastPathPromise? = first.withLock { first in
        defer { first = first == nil ? FastPathPromise() : nil }
        return first
      }
      guard let promise else { return first.withLock { $0.map { .later($0) } ?? .fallThrough } }
      promise.complete(with: .reply([1]))
      return .reply([2])
    }
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let ids = try await peer.send { session in
          try (0..<2).map { _ in
            let id = try session.submitRequest(WireFrame.request(), endStream: false)
            try session.write(streamID: id, bytes: Self.message)
            try session.finish(streamID: id)
            return id
          }
        }
        for (id, number) in zip(ids, [1, 2] as [UInt8]) {
          #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
          #expect(peer.payload(id) == [0, 0, 0, 0, 1, number])
        }
      }
    }
    #expect(self.recorder.codes == [.ok, .ok])
  }

  @Test("A promise that is returned for a second call lets that one fall through")
  func returnedTwice() async throws {
    let promise = FastPathPromise()
    let fastPath = self.recorder.fastPath("Echo") { _, _ in .later(promise) }
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await withClient([endpoint]) { client in
        async let first = client.call("Echo", [1])
        try await eventually(until: { self.recorder.asked == 1 })
        try await client.expect("Echo", [2], answer: [2])
        promise.complete(with: .reply([3]))
        let received = try await first
        #expect(received == [3])
        try await client.expect("Echo", [4], answer: [4])
      }
    }
    #expect(self.recorder.codes == [.ok])
  }

  @Test("Who waits for a promise by hand is told once, of its completion or of its end")
  func notified() {
    let heard = Mutex<[String]>([])
    func wait(_ name: String, for promise: FastPathPromise) {
      promise.notify { completion in
        let what =
          switch completion {
          case .reply(let bytes): "\(bytes)"
          case .error(let error): "\(error.code)"
          case .fallThrough: "nothing"
          }
        heard.withLock { $0.append("\(name) \(what)") }
      }
    }
    do {
      let promise = FastPathPromise()
      wait("first", for: promise)
      wait("second", for: promise)
      promise.complete(with: .reply([1]))
      promise.complete(with: .reply([2]))
      wait("third", for: promise)
    }
    do {
      let promise = FastPathPromise()
      promise.complete(with: .reply([3]))
      wait("late", for: promise)
    }
    wait("idle", for: FastPathPromise())
    #expect(
      heard.withLock { $0 } == ["second nothing", "first [1]", "third nothing", "late [3]", "idle nothing"])
  }
}
