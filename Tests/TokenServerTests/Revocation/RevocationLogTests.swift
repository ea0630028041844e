import GRPCCore
import Postgres
import ServiceKit
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// The revocation log, and how streams follow it.
@Suite struct RevocationLogTests {
  @Test("The log begins with revision 0 and a tag of its own, and grows without gaps")
  func growth() async throws {
    try await TokenServiceFixture.run { service in
      let origin = try await service.log.entries(from: 0, limit: 10)
      #expect(origin.map(\.position.revision) == [0] && origin.map(\.subject) == [.nothing])
      #expect(origin.allSatisfy { $0.position.tag != 0 })
      let subjects: [Revocation.Subject] = [.credential("tok_1"), .account("acct_1"), .everything, .nothing]
      let end = try await service.owner.transaction { transaction in
        try await service.log.append(subjects, in: transaction)
      }
      let entries = try await service.log.entries(from: 1, limit: 10)
      #expect(end == entries.last?.position)
      #expect(entries.map(\.position.revision) == [1, 2, 3, 4] && entries.map(\.subject) == subjects)
      #expect(Set(entries.map(\.position.tag)).count == 4)
      #expect(try await service.log.entries(from: 2, limit: 2) == Array(entries[1...2]))
      #expect(try await service.log.entries(from: 5, limit: 2).isEmpty)
    }
  }

  @Test("Revisions of a transaction that is rolled back are given again, with other tags")
  func rollback() async throws {
    try await TokenServiceFixture.run { service in
      let lost = try await service.owner.transaction { transaction in
        try await transaction.execute("SAVEPOINT before")
        let lost = try await service.log.append([.credential("tok_1")], in: transaction)
        try await transaction.execute("ROLLBACK TO SAVEPOINT before")
        return lost
      }
      let position = try await service.appendRevision()
      #expect(position.revision == 1 && lost.revision == 1)
      #expect(position.tag != lost.tag)
    }
  }

  @Test("Pruning keeps the newest entries, and the last one always")
  func pruning() async throws {
    try await TokenServiceFixture.run { service in
      for _ in 0..<9 { try await service.appendRevision() }
      let all = try await service.log.entries(from: 0, limit: 100)
      try await service.log.prune(keeping: 20)
      #expect(try await service.log.entries(from: 0, limit: 100) == all)
      try await service.log.prune(keeping: 4, limit: 2)
      #expect(try await service.log.entries(from: 0, limit: 100) == Array(all.suffix(4)))
      try await service.log.prune(keeping: 0)
      #expect(try await service.log.entries(from: 0, limit: 100) == Array(all.suffix(1)))
      #expect(try await service.appendRevision().revision == 10)
    }
  }

  @Test("A stream sends what follows what its verifier has applied, of every replica, in order")
  func stream() async throws {
    try await TokenServiceFixture.run { service in
      let other = try service.replica()
      let start = try await service.appendRevision(of: "tok_1")
      try await service.appendRevision(of: "tok_2")
      let session = try await service.registered()
      let stream = TestStream(other, session: session, after: start)
      try await eventually { stream.revocations.count == 1 }
      let first = PendingChange { try await service.revoke(.credential("tok_3"), .account("acct_1")) }
      try await eventually { stream.revocations.count == 3 }
      let second = PendingChange { try await service.revoke(.credential("tok_4"), by: other.store) }
      try await eventually { stream.revocations.count == 4 }
      try await service.acknowledge(session)
      for change in [first, second] { _ = try await change.receipt() }
      #expect(stream.revocations.map(\.position.revision) == [2, 3, 4, 5])
      #expect(stream.revocations.map(\.subjectID) == ["tok_2", "tok_3", "acct_1", "tok_4"])
      #expect(stream.revocations.map(\.kind) == [.credential, .credential, .account, .credential])
      let stored = try await service.log.entries(from: 2, limit: 10)
      #expect(stream.revocations.map(\.position.tag) == stored.map(\.position.tag))
      #expect(stream.responses.allSatisfy { !$0.reset })
      stream.cancel()
      await #expect(throws: (any Error).self) { try await stream.end() }
    }
  }

  @Test("A stream begins with a sign of life and goes on giving them, also once its verifier has closed its side")
  func signsOfLife() async throws {
    try await TokenServiceFixture.run { service in
      let stream = TestStream(
        try service.replica(lease: .milliseconds(500)), session: try await service.registered(),
        after: try await service.end())
      try await eventually { stream.responses.count == 1 }
      stream.finish()
      try await eventually { stream.responses.count >= 5 }
      #expect(stream.revocations.isEmpty && stream.responses.allSatisfy { !$0.reset })
      try await service.appendRevision(of: "tok_1")
      try await eventually { stream.revocations.map(\.subjectID) == ["tok_1"] }
      stream.cancel()
    }
  }

  @Test("A long way behind, a stream sends everything in pages")
  func pages() async throws {
    try await TokenServiceFixture.run { service in
      let start = try await service.end()
      _ = try await service.owner.transaction { transaction in
        try await service.log.append((1...2_500).map { .credential("tok_\($0)") }, in: transaction)
      }
      let stream = TestStream(service.service, session: try await service.registered(), after: start)
      try await eventually { stream.revocations.count == 2_500 }
      #expect(stream.revocations.map(\.position.revision) == Array(1...2_500))
      #expect(stream.responses.allSatisfy { $0.revocations.count <= 1_000 })
      stream.cancel()
    }
  }

  @Test("A stream is reset when the log does not hold what its verifier has applied")
  func reset() async throws {
    try await TokenServiceFixture.run { service in
      let pruned = try await service.appendRevision()
      let end = try await service.appendRevision()
      try await service.log.prune(keeping: 1)
      let foreign = LogPosition(revision: end.revision, tag: end.tag &+ 1)
      let lost = LogPosition(revision: end.revision + 1, tag: end.tag)
      for position in [pruned, foreign, lost] {
        let stream = TestStream(service.service, session: try await service.registered(), after: position)
        try await stream.end()
        #expect(stream.responses.map(\.reset) == [true] && stream.revocations.isEmpty)
      }
    }
  }

  @Test("A stream is reset once what it has sent last is gone, as after a failover that lost it")
  func resetLater() async throws {
    try await TokenServiceFixture.run { service in
      let stream = TestStream(
        service.service, session: try await service.registered(), after: try await service.end())
      try await service.appendRevision(of: "tok_lost")
      try await eventually { stream.revocations.count == 1 }
      _ = try await service.owner.execute("UPDATE token.revocation SET tag = tag # 1 WHERE revision = 1")
      try await stream.end()
      #expect(stream.responses.last?.reset == true)
    }
  }

  @Test("A stream of a session that was never registered, or whose lease has ended, is reset at once")
  func unregistered() async throws {
    try await TokenServiceFixture.run { service in
      let unknown = TestStream(service.service, session: .fresh, after: try await service.end())
      try await unknown.end()
      #expect(unknown.responses.map(\.reset) == [true] && unknown.revocations.isEmpty)

      let session = try await service.registered()
      let stream = TestStream(service.service, session: session, after: try await service.end())
      try await eventually { !stream.responses.isEmpty }
      #expect(stream.responses.allSatisfy { !$0.reset })
      try await service.log.endLease(session)
      try await stream.end()
      #expect(stream.responses.last?.reset == true && stream.revocations.isEmpty)
    }
  }

  @Test("A stream without a session is refused")
  func refusal() async throws {
    try await TokenServiceFixture.run { service in
      let silent = TestStream(service.service)
      silent.finish()
      await service.expect(.invalidArgument, field: "session_id") { try await silent.end() }
      let strange = TestStream(service.service)
      strange.send(try await service.end(), session: [1, 2, 3])
      await service.expect(.invalidArgument, field: "session_id") { try await strange.end() }
    }
  }

  @Test("What verifiers acknowledge on their streams is written, and an earlier place changes nothing")
  func acknowledgements() async throws {
    try await TokenServiceFixture.run { service in
      let sessions = [VerifierSessionID.fresh, .fresh, .fresh]
      let start = try await service.end()
      var streams: [TestStream] = []
      for session in sessions {
        _ = try await service.log.register(session, lease: .seconds(60))
        streams.append(TestStream(service.service, session: session, after: start))
      }
      let first = try await service.appendRevision()
      let second = try await service.appendRevision()
      for stream in streams { stream.send(second) }
      try await eventually { try await service.log.acknowledgements(at: []).acknowledged == [2, 2, 2] }
      for stream in streams { stream.send(first) }
      let third = try await service.appendRevision()
      streams[0].send(third)
      try await eventually { try await service.log.acknowledgements(at: []).acknowledged.sorted() == [2, 2, 3] }
      for stream in streams { stream.cancel() }
    }
  }

  @Test("A server that shuts down ends its streams, so that their verifiers turn to another one")
  func shutdown() async throws {
    try await TokenServiceFixture.run { service in
      let stream = TestStream(
        service.service, session: try await service.registered(), after: try await service.end())
      try await eventually { !stream.responses.isEmpty }
      stream.shutDown()
      let error = await #expect(throws: RPCError.self) { try await stream.end() }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("Every commit that extends the log is notified, a suspension's too")
  func notifications() async throws {
    try await TokenServiceFixture.run { service in
      _ = try await service.principal("ada@example.com")
      var notifications = try service.owner.notifications(on: RevocationStore.channel).makeAsyncIterator()
      // The first one says that it listens.
      _ = await notifications.next()
      try await service.revoke(.credential("tok_1"))
      #expect(await notifications.next() != nil)
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = now()")
      #expect(await notifications.next() != nil)
    }
  }

  @Test("Without a database a stream ends with a fault, so that its verifier turns to another replica")
  func outage() async throws {
    try await TokenServiceFixture.run { service in
      let stream = TestStream(
        service.service, session: try await service.registered(), after: try await service.end())
      try await eventually { !stream.responses.isEmpty }
      await service.database.close()
      await service.expect(.unavailable) { try await stream.end() }
    }
  }
}
