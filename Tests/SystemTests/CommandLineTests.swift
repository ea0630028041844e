import Foundation
import SystemSupport
import Testing

/// The commands of `temporis`, as a user types them.
@Suite struct CommandLineTests {
  /// What `profile show --json` says of a profile that has no data.
  private struct Profile: Decodable, Equatable {
    var name = "all"
    var dataSource = "store_metrics"
    var names = ["orders", "returns"]
    var interval = 900
    var patchLen = 8
    var patchSpacing = 2
    var numPatches = 64
    var minPatches = 3
    var fillLimit = 5
    var useDiffs = true
    var excludeWindow: String? = "America/New_York 20:00-08:00"
    var ready = false
    var forecast = Forecast()

    struct Forecast: Decodable, Equatable {
      var stepSeconds = 1_800
    }
  }

  /// What `source show --json` says.
  private struct Source: Decodable {
    struct Series: Decodable, Equatable {
      let name: String
      let rowCount: Int
      let latestTimestamp: Int
    }

    let archived: Bool
    let series: [Series]
  }

  /// The series of a data source.
  private func series(_ customer: Customer, of source: String) async throws -> [Source.Series] {
    let shown = try await customer.temporis("source", "show", source, "--json")
    return try JSONDecoder.snakeCase.decode(Source.self, from: Data(shown.utf8)).series
  }

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

  @Test("Blanks around fields and the common spellings of a UTC time make no difference") func spellings() async throws
  {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "visits")
    let rows = """
      1777638645.0, web , 1
       2026-05-01 12:30:46 UTC,"web", 2
      2026-05-01T12:30:47.000Z,\tweb,3
      2026-05-01 14:30:48+02:00, "Paris, France" ,4

      """
    try await customer.temporis("ingest", "-", "--source", "visits", input: rows)
    #expect(
      try await series(customer, of: "visits") == [
        Source.Series(name: "Paris, France", rowCount: 1, latestTimestamp: 1_777_638_648),
        Source.Series(name: "web", rowCount: 3, latestTimestamp: 1_777_638_647),
      ])
    let ambiguous = try await customer.run("ingest", "-", "--source", "visits", input: rows + "01/05/2026,web,5\n")
    #expect(ambiguous.status == 1)
    #expect(ambiguous.standardError.contains(#"standard input:5: timestamp "01/05/2026" may begin with the day"#))
  }

  @Test(
    "A row that the service refuses is named by its line",
    arguments: [
      ("1700000000000,web,1", "timestamp"), ("-1,web,1", "timestamp"), ("60,,1", "name"), ("60,timestamp,1", "name"),
    ])
  func refusedRow(row: String, field: String) async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "visits")
    let refused = try await customer.run(
      "ingest", "-", "--source", "visits", input: "timestamp,name,value\n1750000000,web,1\n\n\(row)\n")
    #expect(refused.status == 1)
    #expect(refused.standardError.hasPrefix("temporis: standard input:4: \(field) must "), "\(refused.standardError)")
    #expect(try await series(customer, of: "visits").isEmpty)
    let first = try await customer.run("ingest", "-", "--source", "visits", input: "\(row)\n")
    #expect(first.status == 1)
    #expect(first.standardError.hasPrefix("temporis: standard input:1: \(field) must "), "\(first.standardError)")
  }

  @Test("A name with a comma is given by --name, and a series that the source does not have is warned of")
  func seriesNames() async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "visits")
    let stored = try await customer.temporis(
      "ingest", "-", "--source", "visits", input: "1750000000,\"Paris, France\",1\n")
    #expect(stored.hasPrefix("Stored 1 row in visits "), "\(stored)")
    func create(_ profile: String, _ flags: String...) async throws -> Command.Output {
      try await customer.stack.temporis(
        ["profile", "create", profile, "--source", "visits", "--interval", "60"] + flags, session: customer.session)
    }
    let exact = try await create("exact", "--name", "Paris, France")
    #expect(exact.status == 0 && exact.standardError.isEmpty, "\(exact.standardError)")
    let split = try await create("split", "--names", "Paris, France")
    #expect(split.status == 0)
    let warnings = split.standardError.split(separator: "\n")
    #expect(warnings.count == 2, "\(split.standardError)")
    #expect(warnings.allSatisfy { $0.hasPrefix("temporis: warning: visits has no series ") && $0.contains("--name") })
    #expect(try await create("missing", "--name", "Rome", "--name", "Paris, France").standardError.contains("\"Rome\""))
    let list = try await customer.temporis("profile", "list", "--json")
    #expect(list.contains(#"["Paris, France"]"#) && list.contains(#"["Paris","France"]"#), "\(list)")
  }

  @Test("Rows are deleted by series and time, once that was confirmed") func deleteRows() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let first = 1_750_000_000 / 3600 * 3600
    let range = ["--series", "orders", "--from", "\(first)", "--to", "\(first + 3 * 3600)"]
    func delete(_ flags: [String]) async throws -> Command.Output {
      try await customer.stack.temporis(
        ["source", "delete-rows", "store_metrics"] + flags, session: customer.session)
    }
    let unconfirmed = try await delete(range)
    #expect(unconfirmed.status == 1)
    #expect(
      unconfirmed.standardError.hasPrefix(
        "temporis: This would delete 3 rows of store_metrics, which these data profiles read: hourly_orders."),
      "\(unconfirmed.standardError)")
    #expect(try await series(customer, of: "store_metrics").first?.rowCount == 240)
    #expect(try await delete(range + ["--yes"]).standardOutput == "Deleted 3 rows of store_metrics.\n")
    #expect(try await series(customer, of: "store_metrics").first?.rowCount == 237)
    let backwards = try await delete(["--from", "\(first)", "--to", "\(first)", "--yes"])
    #expect(backwards.status == 1)
    #expect(backwards.standardError == "temporis: --to must be after --from\n")
    #expect(try await delete(["--yes"]).standardOutput == "Deleted 237 rows of store_metrics.\n")
    #expect(try await series(customer, of: "store_metrics").isEmpty)
  }

  @Test("On a terminal a deletion is asked for, and only yes deletes", arguments: ["y", "yes", "n", ""])
  func confirmation(answer: String) async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "visits")
    try await customer.temporis("ingest", "-", "--source", "visits", input: "1750000000,web,1\n")
    // script(1) gives the command a terminal.
    let output = try await Command.run(
      "script",
      [
        "--quiet", "--return", "--command",
        "\(Command.buildFolder)/temporis source delete-rows visits --data-dir \(customer.stack.dataFolder)",
        "/dev/null",
      ], environment: ["TEMPORIS_SESSION": customer.session], input: answer + "\n")
    let agreed = answer.hasPrefix("y")
    #expect(output.standardOutput.contains("This will delete 1 row of visits. Go on? [y/N] "))
    #expect(output.status == (agreed ? 0 : 1))
    #expect(try await series(customer, of: "visits").isEmpty == agreed)
  }

  @Test("On a terminal a token's deletion says what ends with it, and only yes deletes", arguments: ["y", "n"])
  func tokenConfirmation(answer: String) async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken("nightly job")
    let output = try await Command.run(
      "script",
      [
        "--quiet", "--return", "--command",
        "\(Command.buildFolder)/temporis token delete \(token.id) --data-dir \(customer.stack.dataFolder)",
        "/dev/null",
      ], environment: ["TEMPORIS_SESSION": customer.session], input: answer + "\n")
    #expect(
      output.standardOutput.contains(
        "This will delete the access token nightly job, which ends in \(token.token.suffix(4)) and was never used, with "
          + "0 predictions for $0.00 in the last 24 hours. Go on? [y/N] "), "\(output.standardOutput)")
    #expect(output.status == (answer == "y" ? 0 : 1))
    #expect(try await customer.temporis("token", "list", "--json").contains(token.id) == (answer == "n"))
  }

  @Test("A data source is deleted with its rows, and with the profiles that read it only when forced")
  func deleteSource() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let unconfirmed = try await customer.run("source", "delete", "store_metrics", "--force")
    #expect(unconfirmed.status == 1)
    #expect(
      unconfirmed.standardError.contains(
        "delete the data source store_metrics with 240 rows, and the data profiles hourly_orders"),
      "\(unconfirmed.standardError)")
    let used = try await customer.run("source", "delete", "store_metrics", "--yes")
    #expect(used.status == 1 && used.standardError.split(separator: "\n").count == 1, "\(used.standardError)")
    #expect(used.standardError.contains("--force"))
    try await customer.temporis("source", "delete", "store_metrics", "--force", "--yes")
    #expect(try await customer.temporis("profile", "list", "--json") == "[]\n")
    #expect(try await customer.temporis("source", "list", "--json") == "[]\n")
    #expect(try await customer.run("source", "show", "store_metrics").standardError.contains("Data source not found."))
  }

  @Test("Every setting of a profile has a flag and comes back as it was set") func profileSettings() async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "store_metrics")
    try await customer.temporis(
      "profile", "create", "all", "--source", "store_metrics", "--names", "orders,returns", "--interval", "900",
      "--patch-len", "8", "--patch-spacing", "2", "--num-patches", "64", "--min-patches", "3", "--fill-limit", "5",
      "--use-diffs", "--exclude-window", "America/New_York 20:00-08:00")
    let shown = try await customer.temporis("profile", "show", "all", "--json")
    #expect(try JSONDecoder.snakeCase.decode(Profile.self, from: Data(shown.utf8)) == Profile())
    #expect(try await customer.temporis("profile", "list").contains("all"))
    try await customer.temporis("profile", "delete", "all")
    #expect(try await customer.run("profile", "show", "all").status == 1)
  }

  @Test(
    "A setting out of its range is refused with what it may be",
    arguments: [
      ("--interval=0", "--interval must be 1 to 31556952 seconds, not 0"),
      ("--interval=31556953", "--interval must be 1 to 31556952 seconds, not 31556953"),
      ("--patch-len=0", "--patch-len must be 1 to 256"), ("--patch-len=257", "--patch-len must be 1 to 256"),
      ("--patch-spacing=1001", "--patch-spacing must be 1 to 1000"),
      ("--num-patches=513", "--num-patches must be 1 to 512"),
      ("--min-patches=0", "--min-patches must be 1 to 32"), ("--min-patches=33", "--min-patches must be 1 to 32"),
      ("--fill-limit=-1", "--fill-limit must be 0 to 10000"),
      ("--exclude-window=Mars/Olympus 20:00-08:00", "IANA time zone such as America/New_York, not Mars/Olympus"),
      ("--exclude-window=Europe/Paris 25:00-08:00", "a window such as 'America/New_York 20:00-08:00'"),
      ("--names=orders,orders", "--names must hold every series once, not orders twice"),
      ("--names=timestamp", "--names must not hold timestamp"),
    ])
  func badSetting(flag: String, reason: String) async throws {
    let stack = try await Stack.shared.value
    var arguments = ["profile", "create", "bad", "--source", "store_metrics", flag]
    if !flag.hasPrefix("--names") { arguments += ["--names", "orders"] }
    if !flag.hasPrefix("--interval") { arguments += ["--interval", "3600"] }
    let output = try await stack.temporis(arguments)
    let lines = output.standardError.split(separator: "\n")
    #expect(lines.first?.contains(reason) == true, "\(output.standardError)")
    // A command line that cannot be read at all is answered with its usage besides.
    #expect((output.status == 1 && lines.count == 1) || output.status == 64)
    #expect(!(try await stack.temporis(["profile", "list"]).standardOutput.contains("bad")))
  }

  @Test("An account signs in again, with a session of its own, and only with its password") func signIn() async throws {
    struct SignedIn: Decodable {
      let session: String
    }
    let stack = try await Stack.shared.value
    let ready = try await stack.ready()
    let arguments = ["account", "sign-in", "--email", ready.email, "--json"]
    let output = try await stack.temporis(arguments, password: ready.password)
    let session = try JSONDecoder().decode(SignedIn.self, from: Data(output.standardOutput.utf8)).session
    #expect(session != ready.session)
    #expect(try await stack.temporis(["profile", "show", "hourly_orders"], session: session).status == 0)
    let refused = try await stack.temporis(arguments, password: "wrong horse battery staple")
    #expect(refused.status == 1)
    #expect(refused.standardError.split(separator: "\n").count == 1)
  }

  @Test("The README's commands run as written") func readme() async throws {
    let customer = try await Customer()
    let folder = try Stack.makeTemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder + "/.build", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/.build/release", withDestinationPath: Command.buildFolder)
    let rows = (0..<200).flatMap { day in ["web", "app"].map { "\(1_700_006_400 + day * 86_400),\($0),\(day % 7 + 1)" }
    }
    try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: folder + "/visits.csv"))
    let script = try await Readme.block("sh", holding: "temporis source create").replacing(
      "tok_…", with: customer.makeToken().id)
    let output = try await Command.run(
      "sh", ["-ec", script],
      environment: ["TEMPORIS_DATA_DIR": customer.stack.dataFolder, "TEMPORIS_SESSION": customer.session], in: folder)
    #expect(output.status == 0, "\(output.standardError)")
    #expect(output.standardOutput.contains("Stored 400 rows in visits"))
    #expect(try await customer.temporis("token", "list").contains("nightly job"))
  }

  @Test("The README's token lives as it says, and ends with a receipt") func tokenLife() async throws {
    let customer = try await Customer()
    let id = try await customer.makeToken().id
    let script = try Readme.block("sh", holding: "temporis token rotate").replacing("tok_…", with: id)
    let output = try await Command.run(
      "sh", ["-ec", script],
      environment: [
        "PATH": Command.buildFolder + ":/usr/bin:/bin", "TEMPORIS_DATA_DIR": customer.stack.dataFolder,
        "TEMPORIS_SESSION": customer.session,
      ])
    #expect(output.status == 0, "\(output.standardError)")
    #expect(output.standardError.contains("Deleting the access token test, which ends in "))
    let receipt = /Deleted tok_\w+\.\nRevision [0-9]+: no verifier accepts it since [0-9,]+ ms after the change;/
    #expect(output.standardOutput.contains(receipt), "\(output.standardOutput)")
    for action in ["create", "rotate", "disable", "enable", "delete"] {
      #expect(output.standardOutput.contains("access_token.\(action)"), "\(output.standardOutput)")
    }
  }

  /// What `token list --json` says of a token.
  private struct ListedToken: Decodable {
    let id: String
    let name: String
    let state: String
    let permissions: [String]
    let expireTime: String?
    let previousSecretExpireTime: String?
  }

  @Test("A token's expiry, permissions, rotation and state are listed as they were set") func tokenStates() async throws
  {
    let customer = try await Customer()
    func only() async throws -> ListedToken {
      let list = try await customer.temporis("token", "list", "--json")
      return try #require(JSONDecoder.snakeCase.decode([ListedToken].self, from: Data(list.utf8)).first)
    }
    try await customer.temporis(
      "token", "create", "--name", "job", "--expires-in", "90d", "--permission", "predict", "--json")
    let created = try await only()
    #expect(created.state == "active" && created.permissions == ["predict"] && created.expireTime != nil)
    try await customer.temporis("token", "update", created.id, "--no-expiry", "--permission", "ingest")
    try await customer.temporis("token", "rename", created.id, "--name", "other job")
    let updated = try await only()
    #expect(updated.name == "other job" && updated.permissions == ["ingest"] && updated.expireTime == nil)
    let rotated = try await customer.temporis("token", "rotate", created.id, "--grace", "1d", "--json")
    #expect(rotated.contains(#""revision":"#) && rotated.contains(/"ts_[0-9A-Za-z]{49}"/))
    let rotating = try await only()
    #expect(rotating.state == "rotating" && rotating.previousSecretExpireTime != nil)
    #expect(try await customer.temporis("token", "disable", created.id).contains("no verifier accepts it since"))
    #expect(try await only().state == "disabled")
    #expect(try await customer.temporis("token", "enable", created.id, "--json").contains(#""receipt":{"#))
    let refused = try await customer.run("token", "create", "--name", "job", "--expires-in", "9999999w")
    #expect(refused.status != 0 && refused.standardError.contains("--expires-in"), "\(refused.standardError)")
  }

  @Test("A token is checked by its shape alone, from standard input, and is never printed") func tokenCheck()
    async throws
  {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    let typo = String(token.dropLast()) + (token.hasSuffix("0") ? "1" : "0")
    func check(_ input: String) async throws -> Command.Output {
      try await Command.run(Command.buildFolder + "/temporis", ["token", "check"], input: input)
    }
    for (input, text) in [(token, "access token"), (token + "\n", "access token"), (customer.session, "session")] {
      let output = try await check(input)
      #expect(output.status == 0 && output.standardOutput.contains(text))
      #expect(!(output.standardOutput + output.standardError).contains(input.prefix(20)))
    }
    for input in ["", "\n", typo, "Bearer \(token)", "\(token)\n\(token)\n", token + " "] {
      let output = try await check(input)
      #expect(output.status == 1 && output.standardOutput.isEmpty)
      #expect(input.isEmpty || !output.standardError.contains(token.prefix(20)))
    }
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

  @Test(
    "An output that cannot be written is an error, whatever the command",
    arguments: ["source list", "profile show hourly_orders", "usage --json", "source list --help", "--help"])
  func fullOutput(line: String) async throws {
    let stack = try await Stack.shared.value
    let output = try await Command.run(
      "sh", ["-c", "exec \(Command.buildFolder)/temporis \(line) >/dev/full"],
      environment: ["TEMPORIS_DATA_DIR": stack.dataFolder])
    #expect(output.status == 1)
    #expect(output.standardError == "temporis: The output cannot be written: No space left on device\n")
  }

  @Test("Without a running stack a command says so and names temporis up") func noStack() async throws {
    let folder = try Stack.makeTemporaryFolder()
    let output = try await Command.run(Command.buildFolder + "/temporis", ["usage", "--data-dir", folder])
    #expect(output.status == 1)
    #expect(output.standardError.contains("temporis up"))
  }
}
