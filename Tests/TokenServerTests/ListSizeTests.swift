import Postgres
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain

/// How many entries a page has, which is the same for every list (AIP-158).
@Suite struct ListSizeTests {
  @Test("A page has 100 entries unless told otherwise and 1,000 at most, and what no list takes is named")
  func sizes() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      _ = try await service.owner.execute(
        """
        INSERT INTO token.access_token (account_id, access_token_id, name, last_four, permissions, creator_id)
        SELECT $1, 'tok_' || lpad(number::text, 22, '0'), 'x', '0000', '{ingest}', $1
        FROM generate_series(1, 1001) number
        """, .text(ada.accountID))
      _ = try await service.owner.execute(
        """
        INSERT INTO token.audit (account_id, audit_id, action, actor_id, subject_id)
        SELECT $1, 'aud_' || number, 'x', $1, $1 FROM generate_series(1, 1001) number
        """, .text(ada.accountID))
      _ = try await service.owner.execute(
        """
        INSERT INTO token.session (account_id, session_id, expire_time)
        SELECT $1, 'ses_' || lpad(number::text, 22, '0'), now() + interval '1 hour' FROM generate_series(1, 1001) number
        """, .text(ada.accountID))

      let lists: [(Int32, String) async throws -> (count: Int, next: String)] = [
        { size, page in
          let answer = try await service.listTokens(for: ada, size: size, page: page)
          return (answer.accessTokens.count, answer.nextPageToken)
        },
        { size, page in
          let answer = try await service.listAudit(for: ada, size: size, page: page)
          return (answer.auditRecords.count, answer.nextPageToken)
        },
        { size, page in
          let answer = try await service.listSessions(for: ada, size: size, page: page)
          return (answer.sessions.count, answer.nextPageToken)
        },
      ]
      for list in lists {
        for (size, expected) in [(0, 100), (1, 1), (1_000, 1_000), (1_001, 1_000), (.max, 1_000)] as [(Int32, Int)] {
          let page = try await list(size, "")
          #expect(page.count == expected && !page.next.isEmpty, "\(size)")
        }
        let second = try await list(.max, try await list(.max, "").next)
        #expect((1...1_000).contains(second.count) && second.next.isEmpty)
        for size in [-1, .min] as [Int32] {
          await service.expect(.invalidArgument, field: "page_size") { _ = try await list(size, "") }
        }
        // Base64 of nothing that a list gives out, and no base64.
        for page in ["eA==", "x"] {
          let error = await #expect(throws: ServiceError.self) { _ = try await list(0, page) }
          #expect(error?.violations.map(\.field) == ["page_token"])
          #expect(error?.message.hasPrefix("page_token must be") == true)
        }
      }
    }
  }
}
