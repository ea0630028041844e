import Postgres
import Testing

@Suite("Quoting")
struct QuotingTests {
  @Test(
    "literals and identifiers mean exactly their text",
    arguments: ["a", "it's", #"back\slash\'"#, #"do"uble"#, "$1 -- 🐘"])
  func roundTrip(text: String) async throws {
    try await withDatabase { database in
      let rows = try await database.query("SELECT \(SQLLiteral.quote(text)) AS \(SQLIdentifier.quote(text))")
      #expect(try rows[0].decode(text, as: String.self) == text)
    }
  }

  @Test("identifiers that PostgreSQL would cut, and NUL characters, are refused")
  func refused() {
    for name in ["", "a\0", String(repeating: "a", count: 64)] {
      #expect(throws: PostgresError.self) { try SQLIdentifier.quote(name) }
    }
    #expect(throws: PostgresError.self) { try SQLLiteral.quote("\0") }
  }
}
