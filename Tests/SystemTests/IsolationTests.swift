import SystemSupport
import Testing

/// Two accounts never see each other's sources, profiles, tokens or usage.
@Suite struct IsolationTests {
  @Test("Two accounts with the same names have their own sources, profiles, tokens and usage") func twoAccounts()
    async throws
  {
    let first = try await Customer()
    let second = try await Customer()
    try await first.makeReadyProfile()
    let token = try await first.makeToken("first's token")
    #expect(try await first.http.predict(token: token.token).status == 200)

    for list in [["source", "list"], ["profile", "list"], ["token", "list"]] {
      let output = try await second.stack.temporis(list, session: second.session)
      for name in ["store_metrics", "hourly_orders", "first's token", token.id] {
        #expect(!output.standardOutput.contains(name))
      }
    }
    #expect(try await second.usage().predictions == 0)
    #expect(try await second.run("token", "delete", token.id).status == 1)
    #expect(try await second.run("profile", "show", "hourly_orders").status == 1)
    #expect(try await second.run("profile", "delete", "hourly_orders").status == 1)
    #expect(try await second.run("source", "archive", "store_metrics").status == 1)
    #expect(
      try await second.run(
        "profile", "create", "mine", "--source", "store_metrics", "--names", "orders", "--interval", "60"
      )
      .status == 1)
    #expect(try await first.http.predict(token: token.token).status == 200, "nothing of it touched the first account")

    try await second.makeReadyProfile()
    let other = try await second.makeToken().token
    #expect(try await second.http.predict(token: other).status == 200)
    #expect(try await second.usage().predictions == 1)
    #expect(try await first.usage().predictions == 2)
  }
}
