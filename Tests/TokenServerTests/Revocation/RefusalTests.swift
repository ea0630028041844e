import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// Refused requests in the audit.
@Suite struct RefusalTests {
  private static let account = "acct_" + String(repeating: "A", count: 22)
  private static let token = "tok_" + String(repeating: "T", count: 22)
  private static let session = "ses_" + String(repeating: "S", count: 22)

  private static func refusals(
    _ credential: String = token, of account: String = account,
    because reason: Temporis_Token_V1_RefusalReason = .permission, count: Int64 = 1
  ) -> Temporis_Token_V1_Refusals {
    .with {
      $0.accountID = account
      $0.credentialID = credential
      $0.reason = reason
      $0.count = count
    }
  }

  /// Stores credentials of the account.
  private static func create(_ credentials: [String], in service: TokenServiceFixture) async throws {
    _ = try await service.owner.execute(
      """
      INSERT INTO token.credential (secret_hash, pepper_version, kind, account_id, credential_id, permissions)
      SELECT sha256(id::bytea), 1, 'access_token', $1, id, '{predict}' FROM unnest($2::text[]) AS id
      """, .text(account), .textArray(credentials))
  }

  @Test("Refusals of a credential that there is not, or of another account's, are in no audit")
  func invented() async throws {
    try await TokenServiceFixture.run { service in
      try await Self.create([Self.token], in: service)
      let other = "acct_" + String(repeating: "B", count: 22)
      try await service.report([
        Self.refusals(Self.session), Self.refusals(of: other),
        Self.refusals("tok_" + String(repeating: "U", count: 22)),
      ])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE hour IS NOT NULL") == 0)
      try await service.report([Self.refusals()])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE hour IS NOT NULL") == 1)
    }
  }

  @Test("Refusals add up by account, credential, reason and hour, in one call and in several")
  func counts() async throws {
    try await TokenServiceFixture.run { service in
      try await Self.create([Self.token, Self.session], in: service)
      let report = [
        Self.refusals(count: 2), Self.refusals(Self.session, because: .stopped, count: 3), Self.refusals(count: 5),
        Self.refusals(because: .stopped, count: 7),
      ]
      try await service.report(report)
      try await service.report(report)
      try await service.report([])
      _ = try await service.owner.execute(
        "UPDATE token.audit SET hour = hour - interval '1 hour', create_time = create_time - interval '1 hour'")
      try await service.report([Self.refusals()])
      let rows = try await service.owner.query(
        """
        SELECT account_id, action, actor_id, subject_id, count FROM token.audit
        WHERE hour IS NOT NULL AND audit_id LIKE 'aud_%' AND hour <= create_time
        ORDER BY create_time, count, action
        """)
      let found = try rows.map { row in
        [try row.decode(1), try row.decode(2), String(try row.decode(4, as: Int64.self))]
      }
      #expect(
        found == [
          ["credential.refuse_stopped", Self.session, "6"], ["credential.refuse_permission", Self.token, "14"],
          ["credential.refuse_stopped", Self.token, "14"], ["credential.refuse_permission", Self.token, "1"],
        ])
      for row in rows {
        #expect(try row.decode(0) == Self.account)
        #expect(try row.decode(2, as: String.self) == row.decode(3))
      }
    }
  }

  @Test("Reports that come at once lose nothing")
  func concurrency() async throws {
    try await TokenServiceFixture.run { service in
      let tokens = (0..<10).map { "tok_" + String(repeating: "\($0)", count: 22) }
      try await Self.create(tokens, in: service)
      let report = (0..<20).map { index in
        Self.refusals(tokens[index % 10], because: index < 10 ? .stopped : .permission)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 { group.addTask { try await service.report(report.shuffled()) } }
        try await group.waitForAll()
      }
      #expect(try await service.count("SELECT sum(count)::int8 FROM token.audit") == 400)
    }
  }

  @Test("A report of what cannot be is refused as a whole, and so is one of too many")
  func validation() async throws {
    try await TokenServiceFixture.run { service in
      try await Self.create([Self.token], in: service)
      let wrong: [(String, Temporis_Token_V1_Refusals)] = [
        ("account_id", Self.refusals(of: "")), ("account_id", Self.refusals(of: Self.token)),
        ("credential_id", Self.refusals("tok_" + String(repeating: "é", count: 11))),
        ("credential_id", Self.refusals(Self.account)), ("credential_id", Self.refusals("tok_\0")),
        ("reason", Self.refusals(because: .unspecified)), ("reason", Self.refusals(because: .UNRECOGNIZED(9))),
        ("count", Self.refusals(count: 0)), ("count", Self.refusals(count: -1)),
        ("count", Self.refusals(count: .max)),
      ]
      for (field, refusals) in wrong {
        await service.expect(.invalidArgument, field: "refusals[1].\(field)") {
          try await service.report([Self.refusals(), refusals])
        }
      }
      await service.expect(.invalidArgument, field: "refusals") {
        try await service.report(Array(repeating: Self.refusals(), count: 1_001))
      }
      #expect(try await service.count("SELECT count(*) FROM token.audit") == 0)
      try await service.report(Array(repeating: Self.refusals(), count: 1_000))
      #expect(try await service.count("SELECT sum(count)::int8 FROM token.audit") == 1_000)
    }
  }
}

extension TokenServiceFixture {
  fileprivate func report(_ refusals: [Temporis_Token_V1_Refusals]) async throws {
    _ = try await credentials.reportRefusals(request: .with { $0.refusals = refusals }, context: .test)
  }
}
