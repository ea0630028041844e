import Postgres
import ServiceKit
import Synchronization
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// Changes that come together.
@Suite struct RevocationBatchTests {
  private struct Refused: Error {}

  /// Begins a change that holds up the others of its replica until the gate opens.
  private func heldChange(at gate: Gate, in store: TokenStore) async throws -> PendingChange {
    let change = PendingChange {
      try await store.revoke { _ in
        try await gate.pass()
        return ([], ())
      }.receipt
    }
    try await gate.waitForArrival()
    return change
  }

  @Test("Changes that come together share a transaction, and one that fails undoes nothing but itself")
  func batch() async throws {
    try await TokenServiceFixture.run { service in
      let store = service.store
      let gate = Gate()
      let first = PendingChange {
        try await store.revoke { _ in
          try await gate.pass()
          return ([.credential("tok_first")], ())
        }.receipt
      }
      try await gate.waitForArrival()
      @Sendable func change(_ name: String, then fail: @escaping @Sendable (Transaction) async throws -> Void)
        async throws -> Int64
      {
        try await store.revoke { transaction in
          try await transaction.execute(
            """
            INSERT INTO token.audit (account_id, audit_id, action, actor_id, subject_id) VALUES ('', $1, '', '', '')
            """, .text(name))
          try await fail(transaction)
          let rows = try await transaction.query("SELECT txid_current()")
          return ([.credential(name)], try #require(rows.first).decode(0, as: Int64.self))
        }.result
      }
      let one = Task { try await change("tok_1") { _ in } }
      let refused = Task { try await change("tok_2") { _ in throw Refused() } }
      let broken = Task { try await change("tok_3") { _ = try await $0.query("SELECT 1 / 0") } }
      let other = Task { try await change("tok_4") { _ in } }
      try await service.settle()
      gate.open()

      #expect(try await first.receipt().revision == 1)
      #expect(try await one.value == other.value)
      await #expect(throws: Refused.self) { _ = try await refused.value }
      await #expect(throws: PostgresError.self) { _ = try await broken.value }
      let entries = try await service.log.entries(from: 1, limit: 10)
      #expect(entries.map(\.position.revision) == [1, 2, 3])
      #expect(Set(entries.map(\.subject)) == [.credential("tok_first"), .credential("tok_1"), .credential("tok_4")])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE account_id = ''") == 2)
    }
  }

  @Test("Each change of a batch is told its own revision")
  func receipts() async throws {
    try await TokenServiceFixture.run { service in
      let receipts = try await withThrowingTaskGroup(of: (String, RevocationReceipt).self) { group in
        for number in 1...100 {
          group.addTask { ("tok_\(number)", try await service.revoke(.credential("tok_\(number)"))) }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1.revision }
      }
      let entries = try await service.log.entries(from: 1, limit: 200)
      #expect(entries.count == 100)
      for entry in entries {
        guard case .credential(let id) = entry.subject else { continue }
        #expect(receipts[id] == entry.position.revision)
      }
    }
  }

  @Test("Changes of two replicas that are in each other's way are both made in the end")
  func deadlock() async throws {
    try await TokenServiceFixture.run { service in
      let other = try service.replica()
      let (here, there) = (Gate(), Gate())
      @Sendable func lock(_ first: Int, _ second: Int, _ own: Gate, _ others: Gate, by store: TokenStore) async throws
        -> RevocationReceipt
      {
        try await store.revoke { transaction in
          _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", .int(first))
          own.open()
          try await others.pass()
          _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", .int(second))
          return ([.credential("tok_\(first)")], ())
        }.receipt
      }
      let changes = [
        PendingChange { try await lock(1, 2, here, there, by: service.store) },
        PendingChange { try await lock(2, 1, there, here, by: other.store) },
      ]
      #expect(try await Set([changes[0].receipt().revision, changes[1].receipt().revision]) == [1, 2])
    }
  }

  @Test("The changes of a batch lock in the order of their credentials, whoever came first")
  func order() async throws {
    try await TokenServiceFixture.run { service in
      let gate = Gate()
      let first = try await heldChange(at: gate, in: service.store)
      let begun = Atomic(0)
      let made = Mutex<[String]>([])
      var changes: [PendingChange] = []
      for (number, id) in ["tok_3", "tok_1", "tok_2"].enumerated() {
        changes.append(
          PendingChange {
            begun.add(1, ordering: .relaxed)
            return try await service.store.revoke(of: id) { _ in
              made.withLock { $0.append(id) }
              return ([], ())
            }.receipt
          })
        try await eventually("it begins") { begun.load(ordering: .relaxed) > number ? () : nil }
      }
      try await service.settle()
      gate.open()
      for change in [first] + changes { _ = try await change.receipt() }
      #expect(made.withLock { $0 } == ["tok_1", "tok_2", "tok_3"])
    }
  }

  @Test("When too many changes of an account wait, its next ones are refused, and those that wait are made")
  func limit() async throws {
    try await TokenServiceFixture.run { service in
      let gate = Gate()
      let first = try await heldChange(at: gate, in: service.store)
      let changes = (0..<200).map { _ in PendingChange { try await service.revoke(.credential("tok_1")) } }
      try await eventually("some are refused") { changes.count(where: \.isAnswered) == 72 ? () : nil }
      gate.open()
      _ = try await first.receipt()
      var refused = 0
      for change in changes {
        do {
          _ = try await change.receipt()
        } catch let error as ServiceError where error.reason == .rateLimited {
          refused += 1
        }
      }
      #expect(refused == 72)
      #expect(try await service.end().revision == 128)
    }
  }
}
