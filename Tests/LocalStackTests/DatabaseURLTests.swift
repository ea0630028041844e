import LocalStack
import Testing

@Suite("Database URLs")
struct DatabaseURLTests {
  @Test(
    "Another role takes the place of the first wherever that stands",
    arguments: [
      ("postgres://me:secret@db.example:5433/app", "postgres://them:pw@db.example:5433/app"),
      ("postgresql://db.example/app", "postgresql://them:pw@db.example/app"),
      ("postgres:///app?host=/run/pg&user=me&password=secret", "postgres://them:pw@/app?host=/run/pg"),
      ("postgres://me@/app?user=me", "postgres://them:pw@/app"),
      (
        "postgres://me:p%40ss@h1,h2:5433?target_session_attrs=read-write",
        "postgres://them:pw@h1,h2:5433?target_session_attrs=read-write"
      ),
    ])
  func replacesRole(url: String, expected: String) throws {
    let database = try #require(DatabaseURL(url))
    #expect(database.with(role: "them", password: "pw").text == expected)
  }

  @Test("A role and a password with special characters are encoded")
  func encodes() throws {
    let database = try #require(DatabaseURL("postgres://h/d")).with(role: "a b", password: "p@:/?#")
    #expect(database.text == "postgres://a%20b:p%40%3A/%3F%23@h/d")
  }

  @Test("A socket's folder stands in the parameters")
  func socket() {
    let database = DatabaseURL(socketFolder: "/run/my stack", database: "temporis", role: "temporis", password: "00ff")
    #expect(database.text == "postgres://temporis:00ff@/temporis?host=/run/my%20stack&port=5432")
  }

  @Test("Other texts are refused", arguments: ["", "mysql://h/d", "host=h dbname=d", "postgres://h/d\nx"])
  func refuses(text: String) {
    #expect(DatabaseURL(text) == nil)
  }
}
