import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Synchronization
import Testing

/// What a pool decides, without sockets and with a clock that the test turns.
@Suite struct ConnectionPoolStateTests {
  typealias Pool = ConnectionPoolState<FakeConnection>

  /// A connection that is only looked at.
  final class FakeConnection: PooledConnection {
    private let free = Mutex(1)
    private let calls = Mutex(0)
    private let proven = Mutex(false)

    var freeCalls: Int { self.free.withLock { $0 } }
    var load: Int { self.calls.withLock { $0 } }
    var isProven: Bool { self.proven.withLock { $0 } }

    func setFree(_ count: Int) { self.free.withLock { $0 = count } }
    func setLoad(_ count: Int) { self.calls.withLock { $0 = count } }
    func prove() { self.proven.withLock { $0 = true } }
  }

  static let failure = RPCError(code: .unavailable, message: "refused")
  static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  static func address(_ last: Int) throws -> SocketAddress {
    try SocketAddress(ipAddress: "10.0.0.\(last)", port: 80)
  }

  func pool(
    _ endpoints: [String], _ change: (inout Nghttp2ClientConfiguration) -> Void = { _ in }
  ) throws -> Pool {
    var configuration = Nghttp2ClientConfiguration.defaults
    change(&configuration)
    let targets = try endpoints.map { try ConnectionTarget(SocketEndpoint(parsing: $0)) }
    return Pool(targets: targets, configuration: configuration)
  }

  /// The slots that the pool wants connected now.
  func attempts(_ pool: inout Pool, now: NIODeadline) -> [UInt64] {
    pool.prepare(isMoved: false, now: now).compactMap { if case .connect(let slot, _, _, _) = $0 { slot } else { nil } }
  }

  func lookups(_ pool: inout Pool, now: NIODeadline) -> [Int] {
    pool.prepare(isMoved: false, now: now).compactMap {
      if case .resolve(let target, _, _) = $0 { target } else { nil }
    }
  }

  func connect(_ pool: inout Pool, slot: UInt64, _ connection: FakeConnection, now: NIODeadline) {
    let actions = pool.connected(slot: slot, connection, now: now)
    #expect(actions.isEmpty)
  }

  /// Connects to every idle address.
  func connectAll(_ pool: inout Pool) -> [FakeConnection] {
    self.attempts(&pool, now: Self.start).map { slot in
      let connection = FakeConnection()
      self.connect(&pool, slot: slot, connection, now: Self.start)
      return connection
    }
  }

  /// The end of the delay that a change began, if it did, and nothing else.
  func delayEnd(_ actions: [Pool.Action]) -> NIODeadline? {
    guard actions.count == 1, case .advance(let time) = actions[0] else {
      #expect(actions.isEmpty)
      return nil
    }
    return time
  }

  func chosen(_ pool: inout Pool) -> FakeConnection? {
    if case .use(let connection) = pool.choose(waitForReady: false, isMoved: false) { connection } else { nil }
  }

  func error(_ pool: inout Pool) -> RPCError? {
    if case .fail(let error) = pool.choose(waitForReady: false, isMoved: false) { error } else { nil }
  }

  /// The delays of an address that `fail` makes unusable each time, checked to be kept.
  func delays(_ pool: inout Pool, count: Int, fail: (inout Pool, UInt64, NIODeadline) -> [Pool.Action]) throws
    -> [Double]
  {
    var now = Self.start
    return try (0..<count).map { _ in
      let slot = try #require(self.attempts(&pool, now: now).first)
      let until = try #require(self.delayEnd(fail(&pool, slot, now)))
      #expect(self.error(&pool) != nil)
      pool.advance(now: until - .nanoseconds(1))
      #expect(self.attempts(&pool, now: until).isEmpty)
      pool.advance(now: until)
      defer { now = until }
      return Double((until - now).nanoseconds) / 1e9
    }
  }

  /// The delays that gRPC's connection-backoff.md asks for, each with its jitter.
  func expectBackoff(_ delays: [Double]) {
    var expected = 0.1
    for delay in delays {
      #expect(delay >= min(expected, 5) * 0.799 && delay <= min(expected, 5) * 1.201)
      expected *= 1.6
    }
  }

  @Test("An address that refuses is left alone for delays that grow by 1.6 to 5 s, give or take a fifth")
  func backoff() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    let delays = try self.delays(&pool, count: 14) { pool, slot, now in pool.failed(slot: slot, Self.failure, now: now)
    }
    self.expectBackoff(delays)
    // Without jitter they would be equal at the end.
    #expect(Set(delays.suffix(4)).count > 1)
  }

  @Test("A server that accepts connections and closes them before it answers a call is backed off from as well")
  func closedAtOnce() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    let delays = try self.delays(&pool, count: 14) { pool, slot, now in
      let connection = FakeConnection()
      self.connect(&pool, slot: slot, connection, now: now)
      let actions = pool.left(connection, politely: false, now: now)
      let closed = pool.closed(connection, now: now)
      #expect(closed.isEmpty)
      return actions
    }
    self.expectBackoff(delays)
  }

  @Test("While a server that said goodbye too early is left alone, calls wait, though not for ever")
  func politeServer() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    var now = Self.start
    for failures in 1...5 {
      let connection = FakeConnection()
      let slot = try #require(self.attempts(&pool, now: now).first)
      self.connect(&pool, slot: slot, connection, now: now)
      let end = pool.left(connection, politely: true, now: now)
      now = try #require(self.delayEnd(end))
      #expect(self.attempts(&pool, now: now).isEmpty)
      #expect((self.error(&pool) != nil) == (failures > 3))
      pool.advance(now: now)
    }
  }

  @Test("After an answered call the address is connected to at once, and the next delay is the first again")
  func reset() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    _ = try self.delays(&pool, count: 8) { pool, slot, now in pool.failed(slot: slot, Self.failure, now: now) }
    let connection = FakeConnection()
    let slot = try #require(self.attempts(&pool, now: Self.start).first)
    self.connect(&pool, slot: slot, connection, now: Self.start)
    connection.prove()
    let actions = pool.left(connection, politely: false, now: Self.start)
    #expect(actions.isEmpty)
    self.expectBackoff(
      try self.delays(&pool, count: 1) { pool, slot, now in pool.failed(slot: slot, Self.failure, now: now) })
  }

  @Test("A connection that lived longer than its delay without a call may be replaced at once")
  func idleConnection() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    let connection = FakeConnection()
    let slot = try #require(self.attempts(&pool, now: Self.start).first)
    self.connect(&pool, slot: slot, connection, now: Self.start)
    let actions = pool.left(connection, politely: false, now: Self.start + .seconds(1))
    #expect(actions.isEmpty)
    #expect(self.attempts(&pool, now: Self.start + .seconds(1)).count == 1)
  }

  @Test("Connections that end of old age without a call leave the next delay the first, however many there were")
  func idleConnections() throws {
    var pool = try self.pool(["10.0.0.1:80"])
    var now = Self.start
    for _ in 0..<10 {
      let connection = FakeConnection()
      let slot = try #require(self.attempts(&pool, now: now).first)
      self.connect(&pool, slot: slot, connection, now: now)
      now = now + .minutes(5)
      let actions = pool.left(connection, politely: true, now: now)
      #expect(actions.isEmpty)
    }
    let slot = try #require(self.attempts(&pool, now: now).first)
    let end = pool.failed(slot: slot, Self.failure, now: now)
    let until = try #require(self.delayEnd(end))
    self.expectBackoff([Double((until - now).nanoseconds) / 1e9])
  }

  @Test("Calls fail at once only while every address fails, and wait when they wait for ready")
  func failFast() throws {
    var pool = try self.pool(["10.0.0.1:80", "10.0.0.2:80"])
    let slots = self.attempts(&pool, now: Self.start)
    #expect(slots.count == 2)
    _ = pool.failed(slot: slots[0], Self.failure, now: Self.start)
    #expect(self.error(&pool) == nil)
    _ = pool.failed(slot: slots[1], Self.failure, now: Self.start)
    #expect(self.error(&pool)?.message == "refused")
    guard case .wait = pool.choose(waitForReady: true, isMoved: false) else {
      Issue.record("A call that waits for ready failed.")
      return
    }
  }

  @Test("An attempt that ends after its address vanished, or after the client did, leaves no connection")
  func lateAttempt() throws {
    var pool = try self.pool(["name:80"])
    _ = self.lookups(&pool, now: Self.start)
    _ = pool.resolved(target: 0, to: [try Self.address(1)], now: Self.start)
    let slot = try #require(self.attempts(&pool, now: Self.start).first)
    _ = pool.resolved(target: 0, to: [try Self.address(2)], now: Self.start)
    let late = FakeConnection()
    let actions = pool.connected(slot: slot, late, now: Self.start)
    guard actions.count == 1, case .close(let unwanted) = actions[0] else {
      Issue.record("\(actions)")
      return
    }
    #expect(unwanted === late)
    #expect(self.chosen(&pool) == nil)
    _ = pool.abort()
    #expect(!pool.isDrained)
    let closed = pool.closed(late, now: Self.start)
    #expect(closed.isEmpty)
  }

  @Test("A call that leaves a connection gets another one, and the same again when no other has room")
  func leaving() throws {
    var pool = try self.pool(["10.0.0.1:80", "10.0.0.2:80"])
    let connections = self.connectAll(&pool)
    func next(leaving left: FakeConnection) -> FakeConnection? {
      if case .use(let connection) = pool.choose(waitForReady: false, isMoved: true, leaving: left) {
        connection
      } else {
        nil
      }
    }
    connections[1].setLoad(9)
    #expect((0..<4).allSatisfy { _ in next(leaving: connections[0]) === connections[1] })
    connections[1].setFree(0)
    #expect(next(leaving: connections[0]) === connections[0])
  }

  @Test("A failure counts for half as much after each second")
  func recentFailures() {
    var failures = RecentFailures()
    #expect(failures.count(at: Self.start) == 0)
    for _ in 0..<8 { failures.add(at: Self.start) }
    #expect((0..<5).map { failures.count(at: Self.start + .seconds($0)) } == [8, 4, 2, 1, 1])
    #expect(failures.count(at: Self.start + .seconds(5)) == 0)
    #expect(failures.count(at: .distantFuture) == 0)
    failures.add(at: Self.start + .seconds(1))
    #expect(failures.count(at: Self.start + .seconds(1)) == 5)
  }

  @Test("A call gets the connection with the least load, never a full one, and waits while all are full")
  func fewestCalls() throws {
    var pool = try self.pool(["10.0.0.1:80", "10.0.0.2:80"])
    let connections = self.connectAll(&pool)
    connections[0].setLoad(3)
    #expect((0..<4).allSatisfy { _ in self.chosen(&pool) === connections[1] })
    connections[1].setFree(0)
    #expect((0..<4).allSatisfy { _ in self.chosen(&pool) === connections[0] })
    connections[0].setFree(0)
    #expect(self.chosen(&pool) == nil)
    #expect(self.error(&pool) == nil)
  }

  @Test("A server that wants fewer pings doubles the time of the connection that it says so on")
  func tooManyPings() throws {
    var pool = try self.pool(["10.0.0.1:80"]) { $0.keepalive = ClientKeepalive() }
    // All connections of a time say the same thing, and a word that comes late is no news.
    for (time, doubled) in [(300, 600), (300, 600), (600, 1200), (300, 1200)] as [(Int64, Int64)] {
      pool.pingedTooOften(time: .seconds(time))
      #expect(pool.keepalive?.time == .seconds(doubled))
    }
  }

  @Test("No server brings the time between pings above an hour, nor one that was longer down to it")
  func mostTimeBetweenPings() throws {
    for (time, longest) in [(1, 3600), (3599, 3600), (7200, 7200), (.max, .max)] as [(Int64, Int64)] {
      var pool = try self.pool(["10.0.0.1:80"]) {
        $0.keepalive = ClientKeepaliveTests.keepalive(time: .seconds(time))
      }
      for _ in 0..<100 {
        let last = try #require(pool.keepalive?.time)
        pool.pingedTooOften(time: last)
      }
      #expect(pool.keepalive?.time == .seconds(longest))
    }
  }
}
