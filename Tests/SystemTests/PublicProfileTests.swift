import Foundation
import SystemSupport
import Testing

/// What the operator publishes, as its customers ask for it.
@Suite struct PublicProfileTests {
  private struct SignedIn: Decodable {
    let session: String
  }

  /// The operator's session.
  private func operatorSession(_ stack: Stack) async throws -> String {
    let account = try await stack.ready().operatorAccount
    let output = try await stack.temporis(
      ["account", "sign-in", "--email", account.email, "--json"], password: account.password)
    try #require(output.status == 0, "\(output.standardError)")
    return try JSONDecoder().decode(SignedIn.self, from: Data(output.standardOutput.utf8)).session
  }

  @Test("A new account forecasts the demo profile that the stack publishes, and pays for it") func demo() async throws {
    let customer = try await Customer()
    try await customer.temporis("card", "set", "pm_card_visa")
    let token = try await customer.makeToken().token
    let body = HTTP.prediction(profile: "temporis/demo_hourly", count: 2)
    let answer = try await customer.http.predict(body, token: token)
    #expect(answer.status == 200 && answer.body.contains("temporis/demo_hourly"), "\(answer.body.prefix(300))")
    let usage = try await customer.usage()
    #expect(usage.predictions == 1 && usage.modelTokens == 2 * 64)
  }

  @Test("A profile is public from its publication to the end of it, and only the operator publishes")
  func publication() async throws {
    let customer = try await Customer()
    let session = try await operatorSession(customer.stack)
    func maintain(_ arguments: String...) async throws -> Command.Output {
      try await customer.stack.temporis(arguments, session: session)
    }
    let name = "weather_\(UInt32.random(in: 0 ... .max))"
    let created = try await maintain(
      "profile", "create", name, "--source", "demo_metrics", "--names", "orders", "--interval", "3600")
    #expect(created.status == 0, "\(created.standardError)")
    try await customer.temporis("card", "set", "pm_card_visa")
    let token = try await customer.makeToken().token
    func status() async throws -> Int {
      let body = HTTP.prediction(profile: "temporis/" + name, count: 1)
      return try await customer.http.predict(body, token: token).status
    }
    #expect(try await status() == 404)
    let published = try await maintain("profile", "publish", name)
    #expect(published.standardOutput.contains("Published \(name) as temporis/\(name)."), "\(published.standardError)")
    #expect(try await maintain("profile", "show", name).standardOutput.contains("as temporis/\(name)"))
    #expect(try await status() == 200)
    #expect(try await maintain("profile", "unpublish", name).status == 0)
    #expect(try await status() == 404)
    #expect(try await maintain("profile", "delete", name).status == 0)

    try await customer.makeReadyProfile("mine")
    let refused = try await customer.run("profile", "publish", "mine")
    #expect(refused.status == 1)
    #expect(refused.standardError.contains("Only the operator's account publishes data profiles."))
  }
}
