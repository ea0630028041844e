import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// What becomes of the calls beyond the limits of two servers.
@Suite(.timeLimit(.minutes(1))) struct OverflowTests {
  static let limit = 6

  static var configuration: HTTP2Configuration {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = UInt32(Self.limit)
    return configuration
  }

  /// What the two servers have, and when they go on.
  final class Servers: Sendable {
    /// Both have answered a call, so that their connections are known.
    let areKnown = Event()
    /// Both have as many calls as their limits let them have, and all others wait.
    let areFull = [Event(), Event()]
    let known = [Counter(), Counter()]
    /// The calls that a server has received since.
    let taken = [Counter(), Counter()]
    let answered = [Counter(), Counter()]

    /// Answers calls until both servers are known, and then reads as many as the limit allows; returns the last stream
    /// before those.
    func fill(_ peer: RawPeer, _ server: Int) async throws -> Int32 {
      var last: Int32 = 0
      var id = try await OverflowTests.request(peer, after: 0)
      while !self.areKnown.hasHappened {
        try await QueuedCallTests.answer(peer, id, 1)
        self.known[server].add()
        last = id
        id = try await OverflowTests.request(peer, after: id)
      }
      self.taken[server].add()
      for _ in 1..<OverflowTests.limit {
        id = try await OverflowTests.request(peer, after: id)
        self.taken[server].add()
      }
      return last
    }

    /// Makes calls until both servers are known, then `count` more at once, and returns when both are full.
    func fill(
      _ transport: Nghttp2ClientTransport, _ client: TestClient, calls count: Int, _ answered: Counter
    ) async throws -> [Task<Void, Never>] {
      try await eventually(until: {
        try await client.expect("Echo", answer: [1])
        return self.known.allSatisfy { $0.value > 0 }
      })
      self.areKnown.happen()
      let tasks = OverflowTests.call(client, count, answered)
      try await eventually(until: {
        self.taken.allSatisfy { $0.value == OverflowTests.limit }
          && transport.waitingCalls == count - 2 * OverflowTests.limit
      })
      return tasks
    }
  }

  /// Makes `count` calls at once, and counts those that are answered.
  static func call(_ client: TestClient, _ count: Int, _ answered: Counter) -> [Task<Void, Never>] {
    (0..<count).map { _ in
      Task {
        if (try? await client.call("Echo")) == [1] { answered.add() }
      }
    }
  }

  /// Reads the request on the stream that the client opens after `id`. They don't end in the order in which they begin.
  static func request(_ peer: RawPeer, after id: Int32) async throws -> Int32 {
    let next = id == 0 ? 1 : id + 2
    guard try await peer.read(until: { $0.hasEnded(next) }) else { throw TimedOut() }
    return next
  }

  /// Answers every call after the stream `id`.
  static func serve(_ peer: RawPeer, after id: Int32 = 0) async throws {
    var id = id
    while true {
      id = try await self.request(peer, after: id)
      try await QueuedCallTests.answer(peer, id, 1)
    }
  }

  static func end(_ tasks: [Task<Void, Never>]) async {
    for task in tasks {
      task.cancel()
      await task.value
    }
  }

  @Test("A server that answers nothing keeps from another no more calls than its limit lets it have")
  func hungServer() async throws {
    let calls = 60
    let servers = Servers()
    let answered = Counter()
    try await RawPeer.listen(configuration: Self.configuration) { peer in
      _ = try await servers.fill(peer, 0)
      _ = try await peer.read { _ in false }
    } _: { hung in
      try await RawPeer.listen(configuration: Self.configuration) { peer in
        let last = try await servers.fill(peer, 1)
        await servers.areFull[1].wait()
        try await Self.serve(peer, after: last)
      } _: { healthy in
        let transport = try Nghttp2ClientTransport(endpoints: [hung, healthy])
        try await withGRPCClient(transport: transport) { client in
          let tasks = try await servers.fill(transport, client, calls: calls, answered)
          servers.areFull[1].happen()
          try? await eventually(within: .seconds(10), until: { answered.value == calls - Self.limit })
          #expect(answered.value == calls - Self.limit)
          await Self.end(tasks)
        }
      }
    }
  }

  @Test("Calls that wait for a server that is full go to another as soon as there is one")
  func lateServer() async throws {
    let calls = 60
    let taken = Counter()
    let answered = Counter()
    let isFull = Event()
    try await RawPeer.listen(configuration: Self.configuration) { peer in
      var id: Int32 = 0
      while true {
        id = try await Self.request(peer, after: id)
        taken.add()
      }
    } _: { hung in
      try await RawPeer.listen(configuration: Self.configuration) { peer in
        // Until it speaks there is no connection.
        await isFull.wait()
        try await Self.serve(peer)
      } _: { late in
        let transport = try Nghttp2ClientTransport(endpoints: [hung, late])
        try await withGRPCClient(transport: transport) { client in
          let tasks = Self.call(client, calls, answered)
          try await eventually(until: { taken.value == Self.limit && transport.waitingCalls == calls - Self.limit })
          isFull.happen()
          try? await eventually(within: .seconds(10), until: { answered.value == calls - Self.limit })
          #expect(answered.value == calls - Self.limit)
          #expect(taken.value == Self.limit)
          await Self.end(tasks)
        }
      }
    }
  }

  @Test("Two servers that are full share the further calls evenly")
  func evenShares() async throws {
    let calls = 124
    let servers = Servers()
    let answered = Counter()
    @Sendable func serve(_ peer: RawPeer, _ own: Int) async throws {
      var id = try await servers.fill(peer, own)
      await servers.areFull[own].wait()
      while true {
        id = try await Self.request(peer, after: id)
        // Neither gets ahead of the other, unless what is left may be all one server's.
        try await eventually(until: {
          let counts = servers.answered.map(\.value)
          return counts[own] <= counts[1 - own] || counts[0] + counts[1] >= calls - 2 * Self.limit
        })
        servers.answered[own].add()
        try await QueuedCallTests.answer(peer, id, 1)
      }
    }
    try await RawPeer.listen(configuration: Self.configuration) { peer in
      try await serve(peer, 0)
    } _: { first in
      try await RawPeer.listen(configuration: Self.configuration) { peer in
        try await serve(peer, 1)
      } _: { second in
        let transport = try Nghttp2ClientTransport(endpoints: [first, second])
        try await withGRPCClient(transport: transport) { client in
          let tasks = try await servers.fill(transport, client, calls: calls, answered)
          for event in servers.areFull { event.happen() }
          // One that had too few would keep the other waiting.
          try? await eventually(within: .seconds(10), until: { answered.value == calls })
          #expect(answered.value == calls)
          await Self.end(tasks)
        }
      }
    }
  }
}
