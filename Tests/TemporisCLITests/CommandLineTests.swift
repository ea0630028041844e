import ArgumentParser
import Foundation
import GRPCNghttp2Transport
import LocalStack
import ServiceKit
import TemporisCLI
import Testing

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "Every documented command is understood",
    arguments: [
      "up --gateway-port 0 --data-dir /d --replicas verifier=3,token=2,predict=2 --plaintext",
      "up --database-url postgres://h/d",
      "up --public-url https://api.example.com/ --trusted-proxies 10.0.0.0/8,::1",
      "account create --email a@b.c --password-file - --json", "account sign-in --email a@b.c",
      "token create --name n --json", "token create --name n --expires-in 90d --permission ingest --permission predict",
      "token list --json", "token show tok_1 --json", "token rename tok_1 --name n", "token update tok_1 --no-expiry",
      "token update tok_1 --expires-in 12h --permission predict --json", "token rotate tok_1",
      "token rotate tok_1 --grace 1d --json", "token disable tok_1", "token enable tok_1 --json",
      "token delete tok_1 --yes --json", "token check", "audit --json --limit 10",
      "source create s", "source list", "source show s --json", "source archive s",
      "source unarchive s", "source delete s --force --yes",
      "source delete-rows s --series web --from 2026-05-01 --to 1777638645 --yes", "source delete-rows s",
      "profile create p --source s --name a --name b --interval 3600",
      "profile create p --source s --names a,b --interval 3600 --patch-len 8 --patch-spacing 2 --num-patches 16 "
        + "--min-patches 2 --fill-limit 0 --use-diffs",
      "profile list", "profile show p", "profile delete p", "card set pm_card_visa", "card remove", "card show",
      "usage --json --data-dir /d", "ingest rows.csv --source s", "ingest - --source s",
      "forecast --jsonl --count 5 --seed 1",
      "forecast rows.csv --interval 3600 --count 50 --temperature 0.8 --top-p 0.9 --seed 7 --quantiles 0.1,0.5,0.9 --json",
      "forecast - --interval 3600 --series a --series b --patch-len 8 --patch-spacing 2 --num-patches 16 --min-patches 2 "
        + "--fill-limit 0 --use-diffs --horizon-patches 3 --csv --plot o.svg",
      "backtest rows.csv --interval 3600", "backtest - --interval 3600 --origins 4 --season 24 --plot o.svg --json",
      "demo --token-service a:1,b:1 --predict-service c:1 --gateway http://g --email a@b.c --password-file - "
        + "--output o",
    ])
  func understands(line: String) throws {
    _ = try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
  }

  @Test("The gateway's certificate and key are read, and must belong together, before anything starts")
  func certificate() throws {
    let path = NSTemporaryDirectory() + "temporis-certificates-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = CertificateFolder(path: path)
    let certificates = try StackCertificates(folder: folder, lifetime: .seconds(100))
    defer { certificates.end() }
    let (own, other) = (folder.files(of: .apiGateway), folder.files(of: .client))
    func parse(_ certificate: String, _ key: String) throws {
      _ = try TemporisCommand.parseAsRoot(["up", "--tls-certificate", certificate, "--tls-key", key])
    }
    try parse(own.certificate, own.key)
    let none = path + "/none.pem"
    let spoilt = path + "/spoilt.pem"
    try "-----BEGIN CERTIFICATE-----\n".write(toFile: spoilt, atomically: false, encoding: .utf8)
    for (certificate, key, problem) in [
      (none, own.key, "--tls-certificate names '\(none)', which cannot be read"),
      (own.certificate, none, "--tls-key names '\(none)', which cannot be read"),
      (spoilt, own.key, "--tls-certificate names '\(spoilt)', which cannot be read"),
      (own.certificate, spoilt, "--tls-key names '\(spoilt)', which cannot be read"),
      (own.certificate, other.key, "--tls-certificate and --tls-key do not belong together"),
    ] {
      let error = try #require(throws: (any Error).self) { try parse(certificate, key) }
      #expect(TemporisCommand.message(for: error).contains(problem))
    }
  }

  @Test("A token that is given on the command line by mistake is not printed")
  func strayToken() throws {
    let error = try #require(throws: (any Error).self) {
      try TemporisCommand.parseAsRoot(["token", "check", "ts_stray"])
    }
    #expect(!TemporisCommand.fullMessage(for: error).contains("ts_stray"))
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
      "up --gateway-port 70000", "up --gateway-port x", "up --replicas verifier=99", "up --replicas gateway=2",
      "up --tls-key k", "up --tls-key k.pem --tls-certificate c.pem", "up --public-url ftp://a",
      "up --public-url https://a/b", "up --public-url https://a:x",
      "up --trusted-proxies 10.0.0.1/8", "up --trusted-proxies proxy", "token create",
      "account create --email a@b.c --password secret", "ingest rows.csv", "profile create p", "no-such-command",
      "card set", "profile create p --source s --interval 60",
      "profile create p --source s --interval 60 --name a --names b", "source delete", "source delete-rows",
      "source delete-rows s --from yesterday", "source delete-rows s --to 1.5",
      "token create --name n --expires-in 90", "token create --name n --permission admin", "token update tok_1",
      "token update tok_1 --expires-in 1d --no-expiry", "token rotate tok_1 --grace forever", "token delete",
      "token check ts_1", "audit --limit 0", "forecast", "forecast rows.csv", "forecast rows.csv --jsonl",
      "forecast --jsonl --csv", "forecast --jsonl --plot o.svg", "forecast rows.csv --interval 60 --json --csv",
      "forecast rows.csv --interval 60 --quantiles 0.5,2", "forecast rows.csv --interval 60 --count 0",
      "forecast rows.csv --interval 60 --temperature 0", "forecast rows.csv --interval 60 --top-p 2",
      "forecast rows.csv --interval 60 --exclude-window UTC", "backtest", "backtest rows.csv",
      "backtest rows.csv --interval 60 --origins 0", "backtest rows.csv --interval 60 --season 0",
    ])
  func refuses(line: String) throws {
    let error = try #require(throws: (any Error).self) {
      try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
    }
    #expect(TemporisCommand.exitCode(for: error) == .validationFailure)
    // The flag that is wrong, or that is missing, is named.
    let flag = line.split(separator: " ").last { $0.hasPrefix("--") }
    if let flag, line.hasPrefix("up ") { #expect(TemporisCommand.message(for: error).contains(flag)) }
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

  @Test(
    "A field that a service refuses is told by the name that the command line has for it",
    arguments: [
      (
        "source delete-rows s --from 5 --to 1", "end_timestamp", "must be after start_timestamp",
        "--to must be after --from"
      ),
      ("source delete-rows s --series web", "series", "must be short", "--series must be short"),
      (
        "profile create p --source s --names a,a --interval 60", "settings.names", "must hold each once",
        "--names must hold each once"
      ),
      (
        "profile create p --source s --name a --interval 60", "settings.names", "must hold each once",
        "--name must hold each once"
      ),
      (
        "profile create p --source s --name a --interval 60", "settings.patch_len", "must be 1 to 256",
        "--patch-len must be 1 to 256"
      ),
      ("profile create p --source s --name a --interval 60", "name", "must be short", "name must be short"),
      ("account create --email a", "email", "must hold one @", "--email must hold one @"),
      ("token create --name n", "name", "must be short", "--name must be short"),
      ("token create --name n", "lifetime", "must be longer", "--expires-in must be longer"),
      ("token rename tok_1 --name n", "access_token.name", "must be short", "--name must be short"),
      ("token update tok_1 --no-expiry", "access_token.expire_time", "must be later", "--expires-in must be later"),
      ("token rotate tok_1", "grace", "must be shorter", "--grace must be shorter"),
      ("source create s", "name", "must be short", "name must be short"),
    ])
  func fieldNames(line: String, field: String, rule: String, sentence: String) throws {
    let command = try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
    let names = (command as? any FieldNaming)?.fieldNames ?? [:]
    #expect(FieldViolation(field: field, rule: rule).sentence(naming: names) == sentence)
  }

  @Test("Every flag that stands for a field is one of the command's")
  func flagsExist() throws {
    for line in [
      "source delete-rows s", "profile create p --source s --name a --interval 60", "token create --name n",
      "token rename tok_1 --name n", "token update tok_1 --no-expiry", "token rotate tok_1",
    ] {
      let command = try TemporisCommand.parseAsRoot(line.split(separator: " ").map(String.init))
      let flags = try #require(command as? any FieldNaming).fieldNames.values
      let help = TemporisCommand.helpMessage(for: type(of: command))
      for flag in flags { #expect(help.contains("\(flag) <"), "\(flag) of \(line)") }
    }
  }

  @Test("A series without a name is no way to delete the rows of all")
  func emptySeries() {
    #expect(throws: (any Error).self) {
      try TemporisCommand.parseAsRoot(["source", "delete-rows", "s", "--series", ""])
    }
  }
}
