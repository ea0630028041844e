import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Testing

// Names: their addresses, and lookups that fail or take too long.
extension ConnectionPoolStateTests {
  @Test("Every address of a name gets a connection, and calls take turns over them")
  func addresses() throws {
    var pool = try self.pool(["name:80"])
    #expect(self.lookups(&pool, now: Self.start) == [0])
    #expect(self.lookups(&pool, now: Self.start).isEmpty)
    let ipv6 = try SocketAddress(ipAddress: "fd00::1", port: 80)
    _ = pool.resolved(
      target: 0, to: [ipv6, try Self.address(1), try Self.address(2), ipv6], now: Self.start)
    let connections = self.connectAll(&pool)
    #expect(connections.count == 3)
    let turns = (0..<6).compactMap { _ in self.chosen(&pool).map { ObjectIdentifier($0) } }
    #expect(turns == (connections + connections).map { ObjectIdentifier($0) })
  }

  @Test("No more addresses of a name are connected to than the limit says")
  func manyAddresses() throws {
    var pool = try self.pool(["name:80"]) { $0.maxAddressesPerName = 3 }
    _ = self.lookups(&pool, now: Self.start)
    _ = pool.resolved(target: 0, to: try (1...200).map { try Self.address($0) }, now: Self.start)
    #expect(self.attempts(&pool, now: Self.start).count == 3)
  }

  @Test("A name is looked up again when a connection is lost, though once an interval only")
  func resolvedAgain() throws {
    var pool = try self.pool(["name:80"]) { $0.resolutionInterval = .seconds(5) }
    _ = self.lookups(&pool, now: Self.start)
    _ = pool.resolved(target: 0, to: [try Self.address(1)], now: Self.start)
    var now = Self.start + .seconds(60)
    var count = 0
    for _ in 0..<100 {
      for action in pool.prepare(isMoved: false, now: now) {
        switch action {
        case .connect(let slot, _, _, _):
          _ = pool.failed(slot: slot, Self.failure, now: now)
        case .resolve(let target, _, _):
          count += 1
          _ = pool.resolutionFailed(target: target, Self.failure, now: now)
        default: Issue.record("\(action)")
        }
      }
      now = now + .milliseconds(500)
      pool.advance(now: now)
    }
    // Fifty seconds of failures.
    #expect(count == 10)
  }

  @Test("New addresses are connected to, the calls of vanished ones end in peace, and the rest stays as it is")
  func changedAddresses() throws {
    var pool = try self.pool(["name:80"])
    _ = self.lookups(&pool, now: Self.start)
    _ = pool.resolved(target: 0, to: [try Self.address(1), try Self.address(2)], now: Self.start)
    let connections = self.connectAll(&pool)
    let actions = pool.resolved(
      target: 0, to: [try Self.address(2), try Self.address(3)], now: Self.start)
    guard actions.count == 1, case .retire(let retired) = actions[0] else {
      Issue.record("\(actions)")
      return
    }
    #expect(retired === connections[0])
    #expect(self.attempts(&pool, now: Self.start).count == 1)
    #expect((0..<4).allSatisfy { _ in self.chosen(&pool) === connections[1] })
  }

  @Test("A name that stops resolving keeps its addresses; one that never did fails its calls, and backs off")
  func unresolvable() throws {
    var pool = try self.pool(["name:80"])
    var now = Self.start
    var delays: [Double] = []
    for _ in 0..<10 {
      #expect(self.lookups(&pool, now: now) == [0])
      let end = pool.resolutionFailed(target: 0, Self.failure, now: now)
      let until = try #require(self.delayEnd(end))
      #expect(self.error(&pool)?.message == "refused")
      delays.append(Double((until - now).nanoseconds) / 1e9)
      #expect(self.lookups(&pool, now: now).isEmpty)
      now = until
      pool.advance(now: now)
    }
    self.expectBackoff(delays)
    #expect(self.lookups(&pool, now: now) == [0])
    _ = pool.resolved(target: 0, to: [try Self.address(1)], now: now)
    let failed = pool.resolutionFailed(target: 0, Self.failure, now: now)
    #expect(failed.isEmpty)
    let empty = pool.resolved(target: 0, to: [], now: now)
    #expect(empty.isEmpty)
    let slot = try #require(self.attempts(&pool, now: now).first)
    let connection = FakeConnection()
    self.connect(&pool, slot: slot, connection, now: now)
    #expect(self.chosen(&pool) === connection)
  }

  @Test("A lookup that hangs fails the calls that don't wait, starts no other, and still counts when it ends")
  func slowLookup() throws {
    var pool = try self.pool(["name:80"])
    #expect(self.lookups(&pool, now: Self.start) == [0])
    let end = pool.resolutionIsSlow(target: 0, Self.failure, now: Self.start)
    let until = try #require(self.delayEnd(end))
    #expect(self.error(&pool) != nil)
    for now in [until, until + .hours(1)] {
      pool.advance(now: now)
      #expect(self.error(&pool) != nil)
      #expect(self.lookups(&pool, now: now).isEmpty)
    }
    _ = pool.resolved(target: 0, to: [try Self.address(1)], now: until)
    #expect(self.attempts(&pool, now: until).count == 1)
    #expect(self.error(&pool) == nil)
  }

  @Test("Of too many addresses those in use stay, in whatever order they come; one that failed gives way")
  func rotatedAddresses() throws {
    var pool = try self.pool(["name:80"]) { $0.maxAddressesPerName = 3 }
    _ = self.lookups(&pool, now: Self.start)
    let addresses = try (1...6).map { try Self.address($0) }
    _ = pool.resolved(target: 0, to: addresses, now: Self.start)
    let slots = self.attempts(&pool, now: Self.start)
    try #require(slots.count == 3)
    let connection = FakeConnection()
    self.connect(&pool, slot: slots[0], connection, now: Self.start)
    _ = pool.failed(slot: slots[1], Self.failure, now: Self.start)
    let retired = pool.resolved(target: 0, to: addresses.reversed(), now: Self.start)
    #expect(retired.isEmpty)
    #expect(self.chosen(&pool) === connection)
    // The third is still being connected to; the last in the list takes the place of the second.
    let added = pool.prepare(isMoved: false, now: Self.start).compactMap { action -> SocketAddress? in
      if case .connect(_, let address, _, _) = action { address } else { nil }
    }
    #expect(added == [addresses[5]])
    let third = FakeConnection()
    self.connect(&pool, slot: slots[2], third, now: Self.start)
  }

  @Test("A lookup that hung and then failed is made again after a delay")
  func slowFailure() throws {
    var pool = try self.pool(["name:80"])
    #expect(self.lookups(&pool, now: Self.start) == [0])
    _ = pool.resolutionIsSlow(target: 0, Self.failure, now: Self.start)
    let now = Self.start + .hours(1)
    pool.advance(now: now)
    let end = pool.resolutionFailed(target: 0, Self.failure, now: now)
    let until = try #require(self.delayEnd(end))
    #expect(self.lookups(&pool, now: now).isEmpty)
    pool.advance(now: until)
    #expect(self.error(&pool) == nil)
    #expect(self.lookups(&pool, now: until) == [0])
  }

  @Test("A client that ends waits for no lookup, and what one says afterwards changes nothing")
  func lateLookup() throws {
    var pool = try self.pool(["name:80"])
    #expect(self.lookups(&pool, now: Self.start) == [0])
    #expect(!pool.isDrained)
    _ = pool.abort()
    #expect(pool.isDrained)
    let slow = pool.resolutionIsSlow(target: 0, Self.failure, now: Self.start)
    let failed = pool.resolutionFailed(target: 0, Self.failure, now: Self.start)
    #expect(slow.isEmpty && failed.isEmpty)
    let resolved = pool.resolved(target: 0, to: [try Self.address(1)], now: Self.start)
    #expect(resolved.isEmpty)
    #expect(self.attempts(&pool, now: Self.start).isEmpty)
    #expect(pool.isDrained)
  }
}
