import Logging
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// How the leases of verifiers that are gone end, and how many leases there may be.
@Suite struct LeaseSweepTests {
  @Test(
    "Dead leases are removed without a change, page by page, and a verifier that lives keeps its own",
    arguments: [1, 2, 7])
  func removal(limit: Int) async throws {
    try await TokenServiceFixture.run { service in
      var dead: [VerifierSessionID] = []
      for _ in 0..<5 { dead.append(try await service.registered(lease: .milliseconds(200))) }
      let living = try await service.registered(lease: .seconds(2))
      let stream = TestStream(service.service, session: living, after: try await service.end())
      let sweep = service.store.revocations.sweep
      let removal = Task { try await sweep.removeDeadLeases(limit: limit) }
      try await eventually { stream.revocations.count == 1 }
      // No verifier, of whatever version, has anything to forget.
      #expect(stream.revocations.map(\.kind) == [.credential] && stream.revocations.map(\.subjectID) == [""])
      stream.send(try await service.end())
      #expect(try await removal.value == 5)
      for session in dead { #expect(try await service.log.renew(session, lease: .seconds(2)) == .ended) }
      #expect(try await service.log.renew(living, lease: .seconds(2)) == .extended(.seconds(2)))
      #expect(try await service.revoked() == [""])
      stream.cancel()
    }
  }

  @Test("A lease that may still be held is waited for, and none of it may be renewed meanwhile")
  func heldLease() async throws {
    try await TokenServiceFixture.run { service in
      let (short, long) = (
        try await service.registered(lease: .milliseconds(1)), try await service.registered(lease: .milliseconds(600))
      )
      let start = ContinuousClock.now
      let sweep = service.store.revocations.sweep
      // Of a page each: the longest lease of all counts.
      let removal = Task { try await sweep.removeDeadLeases(limit: 1) }
      try await eventually {
        try await service.log.renew(long, lease: .milliseconds(600)) != .extended(.milliseconds(600))
      }
      #expect(try await removal.value == 2)
      #expect(start.duration(to: .now) >= .milliseconds(600))
      for session in [short, long] { #expect(try await service.lease(session) == nil) }
    }
  }

  @Test("A verifier that applies the log while leases run out keeps its own")
  func lateAcknowledgement() async throws {
    try await TokenServiceFixture.run { service in
      let (dead, late) = (
        try await service.registered(lease: .seconds(1)), try await service.registered(lease: .seconds(1))
      )
      let sweep = service.store.revocations.sweep
      let removal = Task { try await sweep.removeDeadLeases() }
      try await eventually { try await service.lease(late)?.floor == 1 }
      try await service.acknowledge(late)
      #expect(try await removal.value == 1)
      #expect(try await service.lease(dead) == nil)
      #expect(try await service.log.renew(late, lease: .seconds(2)) == .extended(.seconds(2)))
    }
  }

  @Test("A round does nothing unless a lease was not renewed since the one before")
  func rounds() async throws {
    try await TokenServiceFixture.run { service in
      let sweep = service.store.revocations.sweep
      try await sweep.runRound()
      let session = try await service.registered(lease: .milliseconds(100))
      for _ in 0..<3 {
        try await sweep.runRound()
        #expect(try await service.log.renew(session, lease: .milliseconds(100)) == .extended(.milliseconds(100)))
      }
      #expect(try await service.end().revision == 0)
      try await sweep.runRound()
      try await sweep.runRound()
      #expect(try await service.lease(session) == nil)
      #expect(try await service.end().revision == 1)
      for _ in 0..<2 { try await sweep.runRound() }
      #expect(try await service.end().revision == 1)
    }
  }

  @Test("Where the log does not hold the entry, no page is told to catch up or removed")
  func otherServer() async throws {
    try await TokenServiceFixture.run { service in
      let session = try await service.registered()
      let end = try await service.appendRevision()
      for position in [
        LogPosition(revision: 1, tag: end.tag &+ 1), LogPosition(revision: 2, tag: end.tag),
      ] {
        await #expect(throws: RevocationNotSeenError.self) {
          _ = try await service.log.raiseFloor(to: position, after: nil, limit: 10)
        }
        await #expect(throws: RevocationNotSeenError.self) {
          _ = try await service.log.removeLeases(behind: position, after: nil, limit: 10)
        }
      }
      #expect(try await service.lease(session) == StoredLease(acknowledged: 0, floor: 0))
    }
  }

  @Test("A page leaves out a lease that is acknowledged at the last moment, and takes the next in its place")
  func pageBesideAcknowledgement() async throws {
    try await TokenServiceFixture.run { service in
      let log = service.log
      var sessions: [VerifierSessionID] = []
      for number in 1...2 {
        let session = try #require(VerifierSessionID(bytes: [UInt8](repeating: UInt8(number), count: 16)))
        _ = try await log.register(session, lease: .seconds(2))
        sessions.append(session)
      }
      let end = try await service.appendRevision()
      let page = try await service.owner.transaction { transaction in
        try await transaction.execute(
          "UPDATE token.verifier_lease SET acknowledged = 1 WHERE session = $1", .bytea(sessions[0].bytes))
        let page = Task { try await log.removeLeases(behind: end, after: nil, limit: 1) }
        try await service.waitForLockWait()
        return page
      }
      let removed = try #require(try await page.value)
      #expect(removed.last == sessions[1] && removed.removed == 1)
      #expect(try await service.lease(sessions[0])?.acknowledged == 1)
      #expect(try await service.lease(sessions[1]) == nil)
      #expect(try await log.removeLeases(behind: end, after: removed.last, limit: 1) == nil)
    }
  }

  @Test("No more leases are given out than there may be, and again once one has ended")
  func limit() async throws {
    try await TokenServiceFixture.run { service in
      let first = VerifierSessionID.fresh
      for session in [first, .fresh] { _ = try await service.log.register(session, lease: .seconds(2), limit: 2) }
      await service.expect(.rateLimited) { _ = try await service.log.register(.fresh, lease: .seconds(2), limit: 2) }
      #expect(try await service.count("SELECT count(*) FROM token.verifier_lease") == 2)
      try await service.log.endLease(first)
      _ = try await service.log.register(.fresh, lease: .seconds(2), limit: 2)
    }
  }

  @Test("A verifier that is refused for too many leases is told so, and so is the log, and a sweep lets it in")
  func refusal() async throws {
    try await TokenServiceFixture.run { service in
      let log = LogLines()
      let replica = TokenService(
        database: service.database, peppers: try .test("1"), sessionLifetime: .seconds(3_600), logger: log.logger)
      _ = try await service.owner.execute(
        """
        INSERT INTO token.verifier_lease
        SELECT decode(md5(number::text), 'hex'), 0, 0, 100 FROM generate_series(1, 1000) number
        """)
      let request = Temporis_Token_V1_RegisterVerifierRequest.with {
        $0.sessionID.append(contentsOf: VerifierSessionID.fresh.bytes)
      }
      await service.expect(.rateLimited) {
        _ = try await replica.revocations.registerVerifier(request: request, context: .test)
      }
      #expect(log.lines.count { $0.hasPrefix("Refused to register an auth-verifier") && $0.contains("1000") } == 1)
      #expect(try await replica.store.revocations.sweep.removeDeadLeases() == 1_000)
      _ = try await replica.revocations.registerVerifier(request: request, context: .test)
    }
  }
}
