import Postgres
import ServiceKit
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// When a change is answered: not before every verifier has applied it or has lost its lease.
@Suite struct RevocationChangeTests {
  @Test("Without verifiers a change is answered at once, with its revision")
  func noVerifiers() async throws {
    try await TokenServiceFixture.run { service in
      let receipt = try await service.revoke(.credential("tok_1"))
      #expect(receipt.revision == 1 && receipt.confirmations == 0)
      #expect(try await service.revoke(.credential("tok_2"), .account("acct_1")).revision == 3)
      let entries = try await service.log.entries(from: 1, limit: 10)
      #expect(entries.map(\.subject) == [.credential("tok_1"), .credential("tok_2"), .account("acct_1")])
      #expect(try await service.store.waitForCurrentRevision().revision == 3)
      #expect(try await service.end().revision == 3)
    }
  }

  @Test("A change is answered once every verifier has acknowledged it, and none may renew before it has")
  func acknowledgement() async throws {
    try await TokenServiceFixture.run { service in
      let (one, other) = (VerifierSessionID.fresh, VerifierSessionID.fresh)
      for session in [one, other] { _ = try await service.log.register(session, lease: .seconds(60)) }
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      for session in [one, other] {
        try await eventually { try await service.log.renew(session, lease: .seconds(60)) == .behind }
      }
      #expect(!change.isAnswered)
      try await service.acknowledge(one)
      #expect(try await service.log.renew(one, lease: .seconds(60)) == .extended(.seconds(60)))
      // One that comes now has forgotten everything.
      _ = try await service.log.register(.fresh, lease: .seconds(60))
      try await service.settle()
      #expect(!change.isAnswered)
      try await service.acknowledge(other)
      let receipt = try await change.receipt()
      #expect(receipt.revision == 1 && receipt.confirmations == 3)
    }
  }

  @Test("A verifier that is not heard is waited for until its lease has run out, and has none afterwards")
  func deadVerifier() async throws {
    try await TokenServiceFixture.run { service in
      let (dead, healthy) = (VerifierSessionID.fresh, VerifierSessionID.fresh)
      let lease = Duration.milliseconds(400)
      let start = try await service.log.register(dead, lease: lease)
      _ = try await service.log.register(healthy, lease: lease)
      let stream = TestStream(service.service, session: healthy, after: start)
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { stream.revocations.count == 1 }
      stream.send(try await service.end())
      let receipt = try await change.receipt()
      #expect(receipt.duration >= lease)
      #expect(receipt.confirmations == 1)
      #expect(try await service.log.renew(dead, lease: lease) == .ended)
      #expect(try await service.log.renew(healthy, lease: lease) == .extended(lease))
      // The next change has nobody to wait for that is gone.
      stream.send(LogPosition(revision: 2, tag: 0))
      stream.cancel()
      try await service.log.endLease(healthy)
      #expect(try await service.revoke(.credential("tok_2")).revision == 2)
    }
  }

  @Test("A change that finds nothing to do waits for what others did, and so does the question for the log's end")
  func nothingToDo() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .seconds(60))
      let first = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { try await service.end().revision == 1 }
      let other = try service.replica()
      let retry = PendingChange { try await service.revoke(by: other.store) }
      let question = PendingChange { try await service.store.waitForCurrentRevision() }
      try await eventually { try await service.lease(session)?.floor == 1 }
      try await service.settle()
      #expect(!first.isAnswered && !retry.isAnswered && !question.isAnswered)
      try await service.acknowledge(session)
      for change in [first, retry, question] { #expect(try await change.receipt().revision == 1) }
    }
  }

  @Test("Acknowledgements that come through another replica are seen")
  func twoReplicas() async throws {
    try await TokenServiceFixture.run { service in
      let other = try service.replica()
      let session = VerifierSessionID.fresh
      let start = try await service.log.register(session, lease: .seconds(60))
      let stream = TestStream(other, session: session, after: start)
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { stream.revocations.map(\.subjectID) == ["tok_1"] }
      #expect(!change.isAnswered)
      stream.send(try await service.end())
      #expect(try await change.receipt().confirmations == 1)
      let back = PendingChange { try await service.revoke(.credential("tok_2"), by: other.store) }
      try await eventually { stream.revocations.map(\.subjectID) == ["tok_1", "tok_2"] }
      stream.send(try await service.end())
      #expect(try await back.receipt().revision == 2)
      stream.cancel()
    }
  }

  @Test("A caller that leaves gets no answer, and the change goes on to its end")
  func cancellation() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .milliseconds(500))
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { try await service.end().revision == 1 }
      change.cancel()
      await #expect(throws: CancellationError.self) { _ = try await change.receipt() }
      try await eventually { try await service.lease(session) == nil }
      #expect(try await service.store.waitForCurrentRevision().confirmations == 0)
    }
  }

  @Test("A lost connection answers nothing, and the wait goes on over a new one")
  func lostConnections() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .seconds(60))
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { try await service.lease(session)?.floor == 1 }
      for _ in 0..<3 {
        _ = try await service.owner.query(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = '\(TokenSchema.role)'
          """)
        try await service.settle()
      }
      #expect(!change.isAnswered)
      try await eventually { (try? await service.acknowledge(session)) != nil }
      #expect(try await change.receipt().confirmations == 1)
    }
  }

  @Test("While the log does not hold a change, as on a server that was replaced, nothing is known of it")
  func lostEntry() async throws {
    try await TokenServiceFixture.run { service in
      let session = VerifierSessionID.fresh
      _ = try await service.log.register(session, lease: .seconds(60))
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { try await service.lease(session)?.floor == 1 }
      _ = try await service.owner.execute("UPDATE token.revocation SET tag = tag # 1 WHERE revision = 1")
      _ = try await service.owner.execute("DELETE FROM token.verifier_lease")
      try await service.settle()
      #expect(!change.isAnswered)
      _ = try await service.owner.execute("UPDATE token.revocation SET tag = tag # 1 WHERE revision = 1")
      #expect(try await change.receipt().revision == 1)
    }
  }

  @Test("A commit whose outcome is unknown is an error, and no answer")
  func unknownOutcome() async throws {
    try await TokenServiceFixture.run { service in
      try await service.owner.transaction { transaction in
        try await transaction.script(
          """
          CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
          CREATE CONSTRAINT TRIGGER die AFTER INSERT ON token.revocation DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die();
          """)
      }
      let error = await #expect(throws: PostgresError.self) { _ = try await service.revoke(.credential("tok_1")) }
      #expect(error?.code == .connectionLost)
      _ = try await service.owner.execute("DROP TRIGGER die ON token.revocation")
      try await eventually { (try? await service.revoke(.credential("tok_1"))) != nil }
    }
  }

  @Test("With the database closed, those who wait are told so and not that all is well")
  func closedDatabase() async throws {
    try await TokenServiceFixture.run { service in
      _ = try await service.log.register(.fresh, lease: .seconds(60))
      let change = PendingChange { try await service.revoke(.credential("tok_1")) }
      try await eventually { try await service.count("SELECT count(*) FROM token.verifier_lease WHERE floor = 1") == 1 }
      await service.database.close()
      let error = await #expect(throws: PostgresError.self) { _ = try await change.receipt() }
      #expect(error?.code == .closed)
      await #expect(throws: PostgresError.self) { _ = try await service.revoke(.credential("tok_2")) }
    }
  }

  @Test("A suspension comes with a revision of its account, and the service itself suspends nobody")
  func suspension() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let token = try await service.createToken(for: ada)
      let before = try await service.end().revision
      let owner = TokenStore(database: service.owner, peppers: try .test("1"), logger: .silent)
      #expect(try await owner.setSuspension(of: ada.accountID, true).revision == before + 1)
      #expect(try await service.log.entries(from: before + 1, limit: 10).map(\.subject) == [.account(ada.accountID)])
      #expect(try await service.verdict(token.secret) == .invalid)
      #expect(try await owner.setSuspension(of: ada.accountID, false).revision == before + 2)
      _ = try await service.principal(secret: token.secret)
      // As an operator would.
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = now()")
      #expect(try await service.end().revision == before + 3)
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = suspend_time, email = email")
      #expect(try await service.end().revision == before + 3)
      let error = await #expect(throws: PostgresError.self) {
        _ = try await service.store.setSuspension(of: ada.accountID, false)
      }
      #expect(error?.sqlState == .insufficientPrivilege)
    }
  }
}
