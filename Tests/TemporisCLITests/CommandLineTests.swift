import ArgumentParser
import TemporisCLI
import Testing

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "Every documented command is understood",
    arguments: [
      "up --gateway-port 0 --data-dir /d --replicas verifier=3,token=2,predict=2 --plaintext",
      "up --tls-certificate c.pem --tls-key k.pem --database-url postgres://h/d",
      "account create --email a@b.c --password-file - --json", "account sign-in --email a@b.c",
      "token create --name n --json", "token list --json",
      "token delete tok_1", "source create s", "source list", "source show s --json", "source archive s",
      "source unarchive s", "source delete s --force --yes",
      "source delete-rows s --series web --from 2026-05-01 --to 1777638645 --yes", "source delete-rows s",
      "profile create p --source s --name a --name b --interval 3600",
      "profile create p --source s --names a,b --interval 3600 --patch-len 8 --patch-spacing 2 --num-patches 16 "
        + "--min-patches 2 --fill-limit 0 --use-diffs",
      "profile list", "profile show p", "profile delete p", "card set pm_card_visa", "card remove", "card show",
      "usage --json --data-dir /d", "ingest rows.csv --source s", "ingest - --source s",
      "demo --token-service a:1,b:1 --predict-service c:1 --gateway http://g --email a@b.c --password-file - "
        + "--output o",
    ])
  func understands(line: String) throws {
    _ = try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
  }

  @Test("A window is one argument")
  func window() throws {
    let line = ["profile", "create", "p", "--source", "s", "--names", "a", "--interval", "60", "--exclude-window"]
    _ = try TemporisCommand.parseAsRoot(line + ["America/New_York 20:00-08:00"])
    #expect(throws: (any Error).self) { try TemporisCommand.parseAsRoot(line + ["America/New_York"]) }
  }

  @Test(
    "Other lines are refused with the status of a usage error",
    arguments: [
      "up --gateway-port 70000", "up --gateway-port x", "up --replicas verifier=99", "up --tls-key k", "token create",
      "account create --email a@b.c --password secret", "ingest rows.csv", "profile create p", "no-such-command",
      "card set", "profile create p --source s --interval 60",
      "profile create p --source s --interval 60 --name a --names b", "source delete", "source delete-rows",
      "source delete-rows s --from yesterday", "source delete-rows s --to 1.5",
    ])
  func refuses(line: String) throws {
    let error = try #require(throws: (any Error).self) {
      try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
    }
    #expect(TemporisCommand.exitCode(for: error) == .validationFailure)
  }

  @Test(
    "Series are named one at a time, exactly, or in a list with commas; their order is the profile's",
    arguments: [
      (["--name", "Paris, France"], ["Paris, France"]),
      (["--name", "b", "--name", " a"], ["b", " a"]),
      (["--names", "web, app"], ["web", "app"]),
      (["--names", "web,app", "--names", "shop"], ["web", "app", "shop"]),
      (["--names", "web,,app"], ["web", "", "app"]),
    ])
  func names(arguments: [String], series: [String]) throws {
    let options = try ProfileSettingsOptions.parse(["--source", "s", "--interval", "60"] + arguments)
    #expect(options.series == series)
  }

  @Test("A series without a name is no way to delete the rows of all")
  func emptySeries() {
    #expect(throws: (any Error).self) {
      try TemporisCommand.parseAsRoot(["source", "delete-rows", "s", "--series", ""])
    }
  }
}
