import SystemSupport
import Testing

extension Stack.Ready {
  /// What psql and its like find in their environment: an argument would show the password to every user.
  var database: [String: String?] {
    get throws {
      let password = try #require(databaseURL.firstMatch(of: /:([^:@\/]+)@/))
      return ["DATABASE": databaseURL.replacing(password.0, with: "@"), "PGPASSWORD": String(password.1)]
    }
  }

  /// The rows that a query answers, a line each.
  func sql(_ query: String) async throws -> [String] {
    try await Command.output("sh", ["-c", "psql -qAtX \"$DATABASE\""], environment: database, input: query)
      .split(separator: "\n").map(String.init)
  }
}
