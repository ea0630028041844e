import Foundation
import Testing

/// The commands of `temporis`, as a user types them.
@Suite struct CommandLineTests {
  @Test("A CSV file is ingested in batches, may be ingested again, and a bad line is named") func ingest() async throws
  {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "store_metrics")
    let rows = Customer.hourlyRows(series: "orders", count: 300)
    for _ in 0..<2 {
      let output = try await customer.temporis("ingest", "-", "--source", "store_metrics", input: rows)
      #expect(output.contains("300"))
    }
    let bad = try await customer.run("ingest", "-", "--source", "store_metrics", input: rows + "oops,orders,1\n")
    #expect(bad.status == 1)
    #expect(bad.standardError.contains("302"))
    let missing = try await customer.run("ingest", "-", "--source", "nowhere", input: rows)
    #expect(missing.status == 1)
    #expect(missing.standardError.contains("Data source not found."))
  }

  @Test("Every setting of a profile has a flag and comes back as it was set") func profileSettings() async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "store_metrics")
    try await customer.temporis(
      "profile", "create", "all", "--source", "store_metrics", "--names", "orders,returns", "--interval", "900",
      "--patch-len", "8", "--patch-spacing", "2", "--num-patches", "64", "--min-patches", "3", "--fill-limit", "5",
      "--use-diffs", "--exclude-window", "America/New_York 20:00-08:00")
    let shown = try await customer.temporis("profile", "show", "all")
    for value in ["orders", "returns", "900", "8", "2", "64", "3", "5", "America/New_York 20:00-08:00"] {
      #expect(shown.contains(value))
    }
    #expect(try await customer.temporis("profile", "list").contains("all"))
    try await customer.temporis("profile", "delete", "all")
    #expect(try await customer.run("profile", "show", "all").status == 1)
  }

  @Test(
    "A setting out of its range is refused in one line",
    arguments: [
      ["--interval", "0"], ["--interval", "31556953"], ["--patch-len", "0"], ["--patch-len", "257"],
      ["--patch-spacing", "1001"], ["--num-patches", "513"], ["--min-patches", "0"], ["--min-patches", "33"],
      ["--fill-limit", "-1"], ["--exclude-window", "Mars/Olympus 20:00-08:00"],
      ["--exclude-window", "Europe/Paris 25:00-08:00"], ["--names", "orders,orders"], ["--names", "timestamp"],
    ])
  func badSetting(flags: [String]) async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "store_metrics")
    var arguments = ["profile", "create", "bad", "--source", "store_metrics"]
    if flags[0] != "--names" { arguments += ["--names", "orders"] }
    if flags[0] != "--interval" { arguments += ["--interval", "3600"] }
    let output = try await customer.stack.temporis(arguments + [flags[0] + "=" + flags[1]], session: customer.session)
    #expect(output.status == 1 || output.status == 64)
    #expect(!output.standardError.isEmpty)
    #expect(!(try await customer.temporis("profile", "list")).contains("bad"))
  }

  @Test("A token's secret is shown once, and lists show its last four characters alone") func tokens() async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken("nightly job")
    #expect(token.token.wholeMatch(of: /ts_[0-9A-Za-z]{49}/) != nil)
    let list = try await customer.temporis("token", "list")
    #expect(list.contains("nightly job"))
    #expect(list.contains(token.token.suffix(4)))
    #expect(!list.contains(token.token))
    #expect(try await customer.run("token", "delete", "tok_0000000000000000000000").status == 1)
  }

  @Test("Without a running stack a command says so and names temporis up") func noStack() async throws {
    let folder = try Stack.makeTemporaryFolder()
    let output = try await Command.run(Command.buildFolder + "/temporis", ["usage", "--data-dir", folder])
    #expect(output.status == 1)
    #expect(output.standardError.contains("temporis up"))
  }
}
