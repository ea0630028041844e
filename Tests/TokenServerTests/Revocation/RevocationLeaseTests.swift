import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// What each statement about leases holds to, whatever happens beside it.
@Suite struct RevocationLeaseTests {
  @Test("A verifier registers at the log's end, and once only")
  func registration() async throws {
    try await TokenServiceFixture.run { service in
      let first = VerifierSessionID.fresh
      #expect(try await service.log.register(first, lease: .seconds(2)) == (try await service.end()))
      let end = try await service.appendRevision()
      #expect(end.revision == 1)
      #expect(try await service.log.register(.fresh, lease: .seconds(2)) == end)
      await service.expect(.invalidArgument, field: "session_id") {
        _ = try await service.log.register(first, lease: .seconds(2))
      }
      #expect(try await service.lease(first)?.acknowledged == 0)
    }
  }

  @Test("A registration waits for a change whose commit is under way, and begins with its revision")
  func registrationBesideChange() async throws {
    try await TokenServiceFixture.run { service in
      let log = service.log
      let registration = try await service.owner.transaction { transaction in
        _ = try await log.append([.credential("tok_x")], in: transaction)
        let registration = Task { try await log.register(.fresh, lease: .seconds(2)) }
        try await service.waitForLockWait()
        return registration
      }
      #expect(try await registration.value == (try await service.end()))
      #expect(try await registration.value.revision == 1)
    }
  }

  @Test("A lease is extended unless its verifier was told to catch up, and never made")
  func renewal() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      #expect(try await service.log.renew(session, lease: .seconds(2)) == .ended)
      #expect(try await service.lease(session) == nil)

      _ = try await service.log.register(session, lease: .seconds(2))
      let end = try await service.appendRevision()
      #expect(try await service.log.renew(session, lease: .seconds(2)) == .extended(.seconds(2)))
      #expect(try await service.log.raiseFloor(to: end) == .seconds(2))
      #expect(try await service.log.renew(session, lease: .seconds(2)) == .behind)
      try await service.acknowledge(session)
      #expect(try await service.log.renew(session, lease: .seconds(2)) == .extended(.seconds(2)))

      try await service.log.endLease(session)
      try await service.log.endLease(session)
      #expect(try await service.log.renew(session, lease: .seconds(2)) == .ended)
    }
  }

  @Test("A renewal that meets a floor being raised is decided after it")
  func renewalBesideFloor() async throws {
    try await TokenServiceFixture.run { service in
      let log = service.log
      let session = VerifierSessionID.fresh
      _ = try await log.register(session, lease: .seconds(2))
      try await service.appendRevision()
      let renewal = try await service.owner.transaction { transaction in
        try await transaction.execute("UPDATE token.verifier_lease SET floor = 1")
        let renewal = Task { try await log.renew(session, lease: .seconds(2)) }
        try await service.waitForLockWait()
        return renewal
      }
      #expect(try await renewal.value == .behind)
    }
  }

  @Test("A floor is raised for those that lag alone, never lowered, and answers the longest lease ever granted to them")
  func floor() async throws {
    try await TokenServiceFixture.run { service in
      let (behind, further, upToDate) = (VerifierSessionID.fresh, VerifierSessionID.fresh, VerifierSessionID.fresh)
      _ = try await service.log.register(behind, lease: .seconds(2))
      _ = try await service.log.register(further, lease: .seconds(1))
      let first = try await service.appendRevision()
      _ = try await service.log.register(upToDate, lease: .seconds(60))
      // Of a replica with a shorter setting: what was granted before still holds.
      #expect(try await service.log.renew(behind, lease: .milliseconds(500)) == .extended(.milliseconds(500)))

      #expect(try await service.log.raiseFloor(to: first) == .seconds(2))
      #expect(try await service.lease(behind)?.floor == 1)
      #expect(try await service.lease(upToDate) == StoredLease(acknowledged: 1, floor: 1))
      let second = try await service.appendRevision()
      try await service.acknowledge(upToDate)
      #expect(try await service.log.raiseFloor(to: second) == .seconds(2))
      #expect(try await service.log.raiseFloor(to: first) == .seconds(2))
      #expect(try await service.lease(behind)?.floor == 2)
      #expect(try await service.lease(upToDate) == StoredLease(acknowledged: 2, floor: 1))
      try await service.acknowledge(behind)
      try await service.acknowledge(further)
      #expect(try await service.log.raiseFloor(to: second) == nil)
    }
  }

  @Test("What is acknowledged never goes back, and is nothing that the log does not hold")
  func acknowledgement() async throws {
    try await TokenServiceFixture.run { service in
      let (one, other) = (VerifierSessionID.fresh, VerifierSessionID.fresh)
      for session in [one, other] { _ = try await service.log.register(session, lease: .seconds(2)) }
      let first = try await service.appendRevision()
      let second = try await service.appendRevision()
      try await service.log.acknowledge([one: second, other: first, .fresh: second])
      #expect(try await service.lease(one)?.acknowledged == 2)
      #expect(try await service.lease(other)?.acknowledged == 1)
      #expect(try await service.log.acknowledgements(at: []).acknowledged.sorted() == [1, 2])

      try await service.log.acknowledge([one: first])
      #expect(try await service.lease(one)?.acknowledged == 2)
      for foreign in [
        LogPosition(revision: 2, tag: second.tag &+ 1), LogPosition(revision: 3, tag: second.tag),
        LogPosition(revision: 2, tag: first.tag),
      ] {
        try await service.log.acknowledge([other: foreign])
        #expect(try await service.lease(other)?.acknowledged == 1)
      }
    }
  }

  @Test("A lease that is acknowledged at the last moment is not removed")
  func removalBesideAcknowledgement() async throws {
    try await TokenServiceFixture.run { service in
      let log = service.log
      let (late, lost) = (VerifierSessionID.fresh, VerifierSessionID.fresh)
      for session in [late, lost] { _ = try await log.register(session, lease: .seconds(2)) }
      let end = try await service.appendRevision()
      let removal = try await service.owner.transaction { transaction in
        try await transaction.execute(
          "UPDATE token.verifier_lease SET acknowledged = 1 WHERE session = $1", .bytea(late.bytes))
        let removal = Task { try await log.removeLeases(behind: end) }
        try await service.waitForLockWait()
        return removal
      }
      #expect(try await removal.value == 1)
      #expect(try await service.lease(late)?.acknowledged == 1)
      #expect(try await service.lease(lost) == nil)
    }
  }

  @Test("Where the log does not hold the change, no lease is counted, told to catch up or removed")
  func otherServer() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .seconds(2))
      let end = try await service.appendRevision()
      let foreign = [LogPosition(revision: 1, tag: end.tag &+ 1), LogPosition(revision: 2, tag: end.tag)]
      let (seen, acknowledged) = try await service.log.acknowledgements(at: foreign + [end])
      #expect(seen == [end] && acknowledged == [0])
      for position in foreign {
        await #expect(throws: RevocationNotSeenError.self) { _ = try await service.log.raiseFloor(to: position) }
        await #expect(throws: RevocationNotSeenError.self) { _ = try await service.log.removeLeases(behind: position) }
      }
      #expect(try await service.lease(session) == StoredLease(acknowledged: 0, floor: 0))
    }
  }

  @Test("Every commit but an acknowledgement's is synchronous, whatever the database is set to")
  func synchronousCommits() async throws {
    try await TokenServiceFixture.run { service in
      try await service.owner.transaction { transaction in
        try await transaction.script(
          """
          DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
          END $$;
          CREATE TABLE seen (what text, setting text);
          CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
            INSERT INTO public.seen VALUES (TG_TABLE_NAME || ' ' || TG_OP, current_setting('synchronous_commit'));
            RETURN NULL;
          END $$;
          CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON token.verifier_lease
            FOR EACH ROW EXECUTE FUNCTION note();
          CREATE TRIGGER note AFTER INSERT OR DELETE ON token.revocation FOR EACH ROW EXECUTE FUNCTION note();
          CREATE TRIGGER note AFTER UPDATE ON token.revocation_counter FOR EACH ROW EXECUTE FUNCTION note();
          """)
      }
      func settings() async throws -> [String] {
        let rows = try await service.owner.query("SELECT what || ' ' || setting FROM seen ORDER BY 1")
        _ = try await service.owner.execute("DELETE FROM seen")
        return try rows.map { try $0.decode(0) }
      }
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .seconds(2))
      #expect(try await settings() == ["verifier_lease INSERT on"])
      _ = try await service.log.renew(session, lease: .seconds(2))
      #expect(try await settings() == ["verifier_lease UPDATE on"])
      try await service.log.endLease(session)
      #expect(try await settings() == ["verifier_lease DELETE on"])
      try await service.revoke(.credential("tok_x"))
      #expect(try await settings() == ["revocation INSERT on", "revocation_counter UPDATE on"])
      // What it waits for may be a commit that a standby does not have yet.
      _ = try await service.store.waitForCurrentRevision()
      #expect(try await settings() == ["revocation_counter UPDATE on"])

      _ = try await service.log.register(session, lease: .seconds(2))
      let lagging = try await service.appendRevision()
      _ = try await settings()
      _ = try await service.log.raiseFloor(to: lagging)
      #expect(try await settings() == ["verifier_lease UPDATE on"])
      try await service.acknowledge(session)
      #expect(try await settings() == ["verifier_lease UPDATE off"])
      let lost = try await service.appendRevision()
      _ = try await settings()
      _ = try await service.log.removeLeases(behind: lost)
      #expect(try await settings() == ["verifier_lease DELETE on"])
      try await service.log.prune(keeping: 1)
      #expect(Set(try await settings()) == ["revocation DELETE on"])
      _ = try await service.registered(lease: .milliseconds(10))
      _ = try await settings()
      #expect(try await service.store.revocations.sweep.removeDeadLeases() == 1)
      #expect(
        try await settings() == [
          "revocation INSERT on", "revocation_counter UPDATE on", "revocation_counter UPDATE on",
          "verifier_lease DELETE on", "verifier_lease UPDATE on",
        ])
    }
  }

  @Test("The handler answers what became of a lease, and takes sessions of 16 bytes alone")
  func handler() async throws {
    try await TokenServiceFixture.run { service in
      let handler = try service.replica(lease: .milliseconds(1_500)).revocations
      let session = VerifierSessionID.fresh
      var registration = Temporis_Token_V1_RegisterVerifierRequest()
      registration.sessionID.append(contentsOf: session.bytes)
      let registered = try await handler.registerVerifier(request: registration, context: .test)
      let end = try await service.end()
      #expect(registered.position.revision == end.revision && registered.position.tag == end.tag)
      #expect(Duration(registered.lease) == .milliseconds(1_500))

      var renewal = Temporis_Token_V1_RenewLeaseRequest()
      renewal.sessionID = registration.sessionID
      let renewed = try await handler.renewLease(request: renewal, context: .test)
      #expect(renewed.outcome == .extended && Duration(renewed.lease) == .milliseconds(1_500))
      _ = try await service.log.raiseFloor(to: try await service.appendRevision())
      let refused = try await handler.renewLease(request: renewal, context: .test)
      #expect(refused.outcome == .behind && !refused.hasLease)
      var ending = Temporis_Token_V1_EndLeaseRequest()
      ending.sessionID = registration.sessionID
      for _ in 0..<2 { _ = try await handler.endLease(request: ending, context: .test) }
      #expect(try await handler.renewLease(request: renewal, context: .test).outcome == .ended)

      renewal.sessionID.append(0)
      await service.expect(.invalidArgument, field: "session_id") { [renewal] in
        _ = try await handler.renewLease(request: renewal, context: .test)
      }
      await service.expect(.invalidArgument, field: "session_id") {
        _ = try await handler.registerVerifier(request: Temporis_Token_V1_RegisterVerifierRequest(), context: .test)
      }
      await service.expect(.invalidArgument, field: "session_id") {
        _ = try await handler.endLease(request: Temporis_Token_V1_EndLeaseRequest(), context: .test)
      }
    }
  }
}
