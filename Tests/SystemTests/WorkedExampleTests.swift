import Foundation
import SystemSupport
import Testing

/// The contract's worked example, from the three clients that its customers use, against the demo account of `temporis
/// up`.
@Suite struct WorkedExampleTests {
  private struct Answer: Decodable {
    let requestId: String
    let dataProfile: String
    let predictFrom: Int
    let predictions: [Prediction]

    struct Prediction: Decodable {
      let loss: Double
      let data: [[String: Double]]
    }
  }

  private func check(_ text: String) throws {
    let answer = try JSONDecoder.snakeCase.decode(Answer.self, from: Data(text.utf8))
    #expect(answer.requestId.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    #expect(answer.dataProfile == "hourly_orders")
    #expect(answer.predictions.count == 5)
    let steps = try #require(answer.predictions.first).data.map { $0["timestamp"] }
    #expect(steps.count == 64)
    #expect(steps.first == Double(answer.predictFrom + 3600))
    for prediction in answer.predictions {
      #expect(prediction.loss > 0)
      #expect(prediction.data.map { $0["timestamp"] } == steps)
      #expect(prediction.data.allSatisfy { $0.count == 2 && ($0["orders"] ?? -1) >= 0 })
    }
  }

  /// What a user has exported before pasting.
  private func environment() async throws -> [String: String?] {
    let ready = try await Stack.shared.value.ready()
    return ["BASE": ready.gateway, "TEMPORIS_TOKEN": ready.token]
  }

  @Test("The README's request runs as written from curl") func curl() async throws {
    let script = try Readme.block("sh", holding: "/v1/predict")
    try check(try await Command.output("sh", ["-c", script], environment: environment()))
  }

  @Test("The README's request runs as written from Python's requests") func requests() async throws {
    let script = try Readme.block("python", holding: "requests.post") + "\nprint(response.text)\n"
    let lines = try await Command.output("python3", ["-c", script], environment: environment()).split(separator: "\n")
    try check(String(try #require(lines.last)))
  }

  @Test("The README's request runs as written from JavaScript's fetch") func fetch() async throws {
    let script = try Readme.block("javascript", holding: "fetch(")
      .replacing("console.log(await response.json())", with: "console.log(await response.text())")
    try check(
      try await Command.output("node", ["--input-type=module", "-e", script], environment: environment()))
  }

  @Test("The README's answer is one to its request, cut short") func answer() throws {
    let text = try Readme.block("json", holding: "request_id").replacing(/,\s*…/, with: "")
    let answer = try JSONDecoder.snakeCase.decode(Answer.self, from: Data(text.utf8))
    #expect(answer.dataProfile == "hourly_orders")
    let rows = try #require(answer.predictions.first).data
    #expect(rows.map { $0["timestamp"] } == rows.indices.map { Double(answer.predictFrom + 3600 * ($0 + 1)) })
    #expect(rows.allSatisfy { Set($0.keys) == ["timestamp", "orders"] })
  }

  @Test("The README's ingest request stores its row") func ingest() async throws {
    let script = try Readme.block("sh", holding: "/v1/data_sources/ingest") + " -o /dev/null -w '%{http_code}'"
    let command = script.replacing("\n -o", with: " -o")
    #expect(try await Command.output("sh", ["-c", command], environment: environment()).hasSuffix("204"))
  }

  @Test("An answer's rows have the timestamp first, then the profile's series in its order") func order() async throws {
    let customer = try await Customer()
    try await customer.temporis("source", "create", "metrics")
    for series in ["zeta", "alpha"] {
      try await customer.temporis(
        "ingest", "-", "--source", "metrics", input: Customer.hourlyRows(series: series, count: 200))
    }
    try await customer.temporis(
      "profile", "create", "both", "--source", "metrics", "--names", "zeta,alpha", "--interval", "3600")
    try await customer.temporis("card", "set", "pm_card_visa")
    let token = try await customer.makeToken().token
    let answer = try await customer.http.predict(HTTP.prediction(profile: "both", count: 1), token: token)
    #expect(answer.status == 200)
    #expect(answer["content-type"] == "application/json")
    #expect(answer.body.contains(/"data": ?\[\{"timestamp": ?[0-9]+, ?"zeta": ?[-0-9.e]+, ?"alpha": ?[-0-9.e]+\}/))
  }
}
