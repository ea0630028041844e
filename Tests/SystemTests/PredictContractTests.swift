import Foundation
import SystemSupport
import TestSupport
import Testing

/// Each row of the contract's table for predict, through the real gateway; a refusal is never billed.
@Suite struct PredictContractTests {
  private func expect(
    _ answer: HTTP.Response, _ status: Int, _ detail: String, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(answer.status == status, sourceLocation: location)
    #expect(answer.body == #"{"detail": "\#(detail)"}"#, sourceLocation: location)
    #expect(answer["content-type"] == "application/json", sourceLocation: location)
  }

  @Test("Parameters that are missing, of another type or out of range are the 400") func parameters() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    func body(
      _ count: String = "5", _ temperature: String = "1.0", _ topP: String = "0.9",
      profile: String = #""hourly_orders""#
    ) -> String {
      #"{"data_profile": \#(profile), "count": \#(count), "temperature": \#(temperature), "top_p": \#(topP)}"#
    }
    let bad = [
      "", "{", "[]", "null", "5", #"{"data_profile": "hourly_orders", "count": 5, "temperature": 1.0}"#,
      #"{"count": 5, "temperature": 1.0, "top_p": 0.9}"#, body("0"), body("-1"), body("1001"), body("5.5"),
      body("\"5\""),
      body("true"), body("null"), body("1e30"), body("5", "0"), body("5", "-1"), body("5", "\"1\""), body("5", "null"),
      body("5", "1e999"), body("5", "NaN"), body("5", "1", "-0.1"), body("5", "1", "1.1"), body("5", "1", "\"1\""),
      body("5", "1", "false"), body(profile: "5"), body(profile: "null"),
    ]
    for text in bad {
      self.expect(try await customer.http.predict(text, token: token), 400, "Invalid prediction parameters.")
    }
    for text in [body("5.0", "1", "0"), body("1", "0.001", "1"), body("1", "100", "1.0")] {
      #expect(try await customer.http.predict(text, token: token).status == 200, "\(text)")
    }
    #expect(try await customer.usage().predictions == 3)
  }

  @Test("Without a card, and after its charge failed, predictions are refused with the two 402s") func cards()
    async throws
  {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    try await customer.temporis("card", "remove")
    expect(try await customer.http.predict(token: token), 402, "Add a credit card before using the API.")
    try await customer.temporis("card", "set", "pm_card_chargeCustomerFail")
    expect(try await customer.http.predict(token: token), 402, "There is a payment issue. Add a new credit card.")
    expect(
      try await customer.http.predict(HTTP.prediction(profile: "nothing"), token: token), 402,
      "There is a payment issue. Add a new credit card.")
    #expect(try await customer.usage() == Customer.Usage(predictions: 0, modelTokens: 0, nanoDollars: 0))
    try await customer.temporis("card", "set", "pm_card_visa")
    #expect(try await customer.http.predict(token: token).status == 200)
  }

  @Test("A profile that is not there, another account's, or not ready is a 404; too little history a 409")
  func profiles() async throws {
    let customer = try await Customer()
    let other = try await Customer()
    try await other.makeReadyProfile("theirs")
    let token = try await customer.makeToken().token
    try await customer.temporis("card", "set", "pm_card_visa")
    try await customer.temporis("source", "create", "fresh")
    try await customer.temporis(
      "profile", "create", "fresh_orders", "--source", "fresh", "--names", "orders", "--interval", "3600")
    for profile in ["nothing", "theirs", "temporis/nothing", "", "Not A Name"] {
      let answer = try await customer.http.predict(HTTP.prediction(profile: profile), token: token)
      expect(answer, 404, "Data profile not found.")
    }
    let fresh = HTTP.prediction(profile: "fresh_orders")
    expect(try await customer.http.predict(fresh, token: token), 404, "Data profile is not ready to serve.")
    try await customer.temporis(
      "ingest", "-", "--source", "fresh", input: Customer.hourlyRows(series: "orders", count: 40))
    expect(try await customer.http.predict(fresh, token: token), 404, "Data profile is not ready to serve.")
    try await customer.temporis(
      "ingest", "-", "--source", "fresh", input: Customer.hourlyRows(series: "orders", count: 64))
    #expect(try await customer.http.predict(fresh, token: token).status == 200)
    // So far ahead that no other row is in its window.
    let ahead = Int(Date().timeIntervalSince1970) + 300 * 86_400
    try await customer.temporis("ingest", "-", "--source", "fresh", input: "timestamp,name,value\n\(ahead),orders,5\n")
    expect(try await customer.http.predict(fresh, token: token), 409, "Not enough data for this data profile.")
    #expect(try await customer.usage().predictions == 1)
    #expect(try await other.usage().predictions == 0)
  }

  @Test("A body over 1 MiB is a 413, after the 401") func tooLarge() async throws {
    let customer = try await Customer()
    let token = try await customer.makeToken().token
    let long = String(repeating: " ", count: 1 << 20) + HTTP.prediction()
    expect(try await customer.http.predict(long, token: token), 413, "Request body too large.")
    expect(try await customer.http.predict(long, token: "abc"), 401, "Invalid access token.")
  }

  @Test("The same idempotency key replays the answer byte for byte without a second charge; another request is a 409")
  func idempotency() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    let key = ["Idempotency-Key: order 42 / retry".replacing(" ", with: "-")]
    let first = try await customer.http.predict(token: token, headers: key)
    let second = try await customer.http.predict(token: token, headers: key)
    #expect(first.status == 200)
    #expect(second.status == 200)
    #expect(first.body == second.body)
    expect(
      try await customer.http.predict(HTTP.prediction(count: 6), token: token, headers: key), 409,
      "Idempotency key reused with a different request.")
    #expect(try await customer.usage().predictions == 1)
  }

  @Test("Usage counts exactly the successful predictions, at 20 nano-dollars a model token, as each response says")
  func usage() async throws {
    let customer = try await Customer()
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    var predictions = 0
    var trajectories = 0
    for count in [1, 5, 20, 0, 100] {
      let answer = try await customer.http.predict(HTTP.prediction(count: count), token: token)
      guard answer.status == 200 else {
        #expect(answer["temporis-cost-nano-dollars"] == nil)
        continue
      }
      #expect(answer["temporis-model-tokens"] == String(count * 4 * 16))
      #expect(answer["temporis-cost-nano-dollars"] == String(count * 4 * 16 * 20))
      predictions += 1
      trajectories += count
    }
    #expect(predictions == 4)
    let tokens = trajectories * 4 * 16
    #expect(
      try await customer.usage()
        == Customer.Usage(predictions: predictions, modelTokens: tokens, nanoDollars: tokens * 20))
  }

  /// Sends the same many times at once.
  private func burst(
    _ count: Int, _ send: @escaping @Sendable () async throws -> HTTP.Response
  ) async throws -> [HTTP.Response] {
    try await withThrowingTaskGroup { group in
      for _ in 0..<count { group.addTask { try await send() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func expectTooManyRequests(
    _ answers: [HTTP.Response], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let refused = answers.filter { $0.status == 429 }
    try #require(!refused.isEmpty, sourceLocation: location)
    for answer in refused {
      expect(answer, 429, "Too many requests.", location)
      #expect(try #require(answer["retry-after"].flatMap { Int($0) }) >= 1, sourceLocation: location)
    }
  }

  @Test("Over the rate limit, when one is set, requests are a 429 that says when to come back") func rateLimit()
    async throws
  {
    let stack = try await Stack(environment: ["TEMPORIS_RATE_LIMIT": "1"])
    let customer = try await Customer(on: stack)
    let token = try await customer.makeToken().token
    // More at once than any machine answers one a second.
    let predictions = try await burst(50) { try await customer.http.predict(token: token) }
    try expectTooManyRequests(predictions)
    #expect(predictions.allSatisfy { [402, 429].contains($0.status) })
    let ingests = try await burst(50) {
      try await customer.http.ingest(#"{"data_source": "x", "records": []}"#, token: token)
    }
    try expectTooManyRequests(ingests)
    #expect(ingests.allSatisfy { [404, 429].contains($0.status) })
    // The refusal comes while most of the rows are still on their way.
    let record = #"{"timestamp": 1750000000, "name": "orders", "value": 1}"#
    let long = #"{"data_source": "x", "records": [\#(Array(repeating: record, count: 50_000).joined(separator: ","))]}"#
    let uploads = try await burst(8) { try await customer.http.ingest(long, token: token) }
    try expectTooManyRequests(uploads)
    #expect(uploads.allSatisfy { [404, 429].contains($0.status) })
    try await stack.stop()
  }

  @Test("When the engine's queue is full, predictions are a 429 and are not billed") func fullQueue() async throws {
    let stack = try await Stack(environment: ["TEMPORIS_ENGINE_QUEUE": "0", "TEMPORIS_ENGINE_CONCURRENCY": "1"])
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    var answers: [HTTP.Response] = []
    // As often as it takes until two come to the engine at a time.
    try await eventually("a prediction is refused") {
      answers += try await burst(30) { try await customer.http.predict(HTTP.prediction(count: 1_000), token: token) }
      return answers.contains { $0.status == 429 } ? () : nil
    }
    try expectTooManyRequests(answers)
    let successes = answers.filter { $0.status == 200 }.count
    #expect(answers.allSatisfy { [200, 429].contains($0.status) })
    #expect(successes >= 1)
    #expect(try await customer.usage().predictions == successes)
    try await stack.stop()
  }
}
