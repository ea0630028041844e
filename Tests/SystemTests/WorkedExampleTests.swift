internal import Foundation
internal import Testing

/// The contract's worked example, from the three clients that its customers use, against the demo account of `temporis up`.
@Suite struct WorkedExampleTests {
  private struct Answer: Decodable {
    let request_id: String
    let data_profile: String
    let predict_from: Int
    let predictions: [Prediction]

    struct Prediction: Decodable {
      let loss: Double
      let data: [[String: Double]]
    }
  }

  private func check(_ text: String) throws {
    let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    #expect(answer.request_id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    #expect(answer.data_profile == "hourly_orders")
    #expect(answer.predictions.count == 5)
    let steps = try #require(answer.predictions.first).data.map { $0["timestamp"] }
    #expect(steps.count == 64)
    #expect(steps.first == Double(answer.predict_from + 3600))
    for prediction in answer.predictions {
      #expect(prediction.loss > 0)
      #expect(prediction.data.map { $0["timestamp"] } == steps)
      #expect(prediction.data.allSatisfy { $0.count == 2 && ($0["orders"] ?? -1) >= 0 })
    }
  }

  @Test("The worked example runs as written from curl") func curl() async throws {
    let ready = try await Stack.shared.value.ready()
    let script = """
      curl -q -sS --fail-with-body $BASE/v1/predict -H "Authorization: Bearer $TEMPORIS_TOKEN" \
      -H "Content-Type: application/json" \
        -d '{ "data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9 }'
      """
    try check(
      try await Command.output(
        "sh", ["-c", script], environment: ["BASE": ready.gateway, "TEMPORIS_TOKEN": ready.token]))
  }

  @Test("The worked example runs as written from Python's requests") func requests() async throws {
    let ready = try await Stack.shared.value.ready()
    let script = """
      import os, requests
      base, token = os.environ["BASE"], os.environ["TEMPORIS_TOKEN"]
      response = requests.post(f"{base}/v1/predict", headers={"Authorization": f"Bearer {token}"},
          json={"data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9})
      response.raise_for_status()
      min(response.json()["predictions"], key=lambda prediction: prediction["loss"])
      print(response.text)
      """
    try check(
      try await Command.output(
        "python3", ["-c", script], environment: ["BASE": ready.gateway, "TEMPORIS_TOKEN": ready.token]))
  }

  @Test("The worked example runs as written from JavaScript's fetch") func fetch() async throws {
    let ready = try await Stack.shared.value.ready()
    let script = """
      const { BASE: base, TEMPORIS_TOKEN: token } = process.env;
      fetch(base + "/v1/predict", {
        method: "POST",
        headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ data_profile: "hourly_orders", count: 5, temperature: 1.0, top_p: 0.9 }),
      }).then(async (response) => {
        if (!response.ok) throw new Error(`status ${response.status}`);
        console.log(await response.text());
      });
      """
    try check(
      try await Command.output(
        "node", ["-e", script], environment: ["BASE": ready.gateway, "TEMPORIS_TOKEN": ready.token]))
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
