import Foundation
import SystemSupport
import Testing

/// An account of its own on a stack, used through the command line and the public API alone.
struct Customer: Sendable {
  struct Token: Decodable, Sendable {
    let id: String
    let token: String
  }

  struct Usage: Decodable, Sendable, Equatable {
    let predictions: Int
    let modelTokens: Int
    let nanoDollars: Int
  }

  private struct Account: Decodable {
    let accountId: String
    let session: String
  }

  let stack: Stack
  let accountID: String
  let session: String
  let http: HTTP

  /// Signs up a new account on the shared stack, or on another.
  init(on stack: Stack? = nil) async throws {
    let stack = if let stack { stack } else { try await Stack.shared.value }
    let password = "correct horse \(UInt64.random(in: 0 ... .max))"
    let email = "customer-\(UInt64.random(in: 0 ... .max))@example.com"
    let output = try await stack.temporis(["account", "create", "--email", email, "--json"], password: password)
    try #require(output.status == 0, "\(output.standardError)")
    self.stack = stack
    let account = try JSONDecoder.snakeCase.decode(Account.self, from: Data(output.standardOutput.utf8))
    accountID = account.accountId
    session = account.session
    http = HTTP(base: try await stack.ready().gateway)
  }

  /// Runs a command of `temporis` as this account.
  func run(_ arguments: String..., input: String = "") async throws -> Command.Output {
    try await stack.temporis(arguments, session: session, input: input)
  }

  /// Runs a command that must succeed, and returns what it printed.
  @discardableResult
  func temporis(_ arguments: String..., input: String = "") async throws -> String {
    let output = try await stack.temporis(arguments, session: session, input: input)
    try #require(output.status == 0, "\(arguments): \(output.standardError)")
    return output.standardOutput
  }

  func makeToken(_ name: String = "test") async throws -> Token {
    try JSONDecoder.snakeCase.decode(
      Token.self, from: Data(try await temporis("token", "create", "--name", name, "--json").utf8))
  }

  func usage() async throws -> Usage {
    try JSONDecoder.snakeCase.decode(Usage.self, from: Data(try await temporis("usage", "--json").utf8))
  }

  /// What a prediction needs: a source with rows, a ready profile and a good card.
  func makeReadyProfile(_ name: String = "hourly_orders", source: String = "store_metrics") async throws {
    try await temporis("source", "create", source)
    try await temporis("ingest", "-", "--source", source, input: Self.hourlyRows(series: "orders", count: 240))
    try await temporis("profile", "create", name, "--source", source, "--names", "orders", "--interval", "3600")
    try await temporis("card", "set", "pm_card_visa")
  }

  /// Hourly rows with a daily shape, as CSV.
  static func hourlyRows(series: String, count: Int, from start: Int = 1_750_000_000) -> String {
    let rows = (0..<count).map { hour in
      let value = 100 + 40 * sin(Double(hour % 24) / 24 * 2 * .pi) + Double((hour * 7919) % 13)
      return "\(start / 3600 * 3600 + hour * 3600),\(series),\(value)"
    }
    return "timestamp,name,value\n" + rows.joined(separator: "\n") + "\n"
  }
}
