import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Testing

// Names with many addresses, and lookups that take too long.
extension ConnectionPoolStateTests {
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
