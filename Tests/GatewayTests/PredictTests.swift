import GRPCCore
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServiceKit
import TemporisAPI
import Testing

@Suite struct PredictTests {
  static func body(
    profile: String = #""hourly_orders""#, count: String = "5", temperature: String = "1.0", topP: String = "0.9"
  ) -> String {
    #"{"data_profile": \#(profile), "count": \#(count), "temperature": \#(temperature), "top_p": \#(topP)}"#
  }

  @Test("The answer is exact to the byte: the timestamp first, then the series in the profile's order")
  func answer() async throws {
    let gateway = TestGateway(
      predictions: FakePredictionClient([
        .header(
          names: ["z", "a"], timestamps: [1_700_003_600, 1_700_007_200], modelTokens: 8, nanoDollars: 160),
        .trajectory(loss: 0.1, [1, 2.5, -0.0, 1e300]),
        .trajectory(loss: -3, [.leastNonzeroMagnitude, 0.30000000000000004, 1e16, 7]),
      ]))
    let answer = try await gateway.predict(Self.body(count: "2"))
    #expect(answer.status == .ok)
    #expect(answer.headers[.contentType] == "application/json")
    #expect(answer.headers[.contentLength] == String(answer.body.readableBytes))
    #expect(try answer.header("Temporis-Model-Tokens") == "8")
    #expect(try answer.header("Temporis-Cost-Nano-Dollars") == "160")
    #expect(
      answer.text == """
        {"request_id":"0123456789abcdef0123456789abcdef","data_profile":"hourly_orders","predict_from":1700000000,\
        "predictions":[{"loss":0.1,"data":[{"timestamp":1700003600,"z":1.0,"a":2.5},\
        {"timestamp":1700007200,"z":-0.0,"a":1e+300}]},\
        {"loss":-3.0,"data":[{"timestamp":1700003600,"z":5e-324,"a":0.30000000000000004},\
        {"timestamp":1700007200,"z":1e+16,"a":7.0}]}]}
        """)
    let request = try #require(gateway.predictions.calls.first)
    #expect(request.authorization == TestGateway.good)
    #expect(request.request.dataProfile == "hourly_orders")
    #expect(request.request.count == 2)
    #expect(request.request.temperature == 1)
    #expect(request.request.topP == 0.9)
    #expect(request.request.idempotencyKey == "")
  }

  @Test(
    "Bad parameters are one 400",
    arguments: [
      "{}", "[]", "null", "5",
      body(profile: "null"), body(profile: "5"), body(profile: #"["a"]"#),
      body(count: "0"), body(count: "-1"), body(count: "1001"), body(count: "1.5"),
      body(count: "5.0000000000000000001"), body(count: #""5""#),
      body(count: "true"), body(count: "null"), body(count: "1e400"), body(count: "99999999999999999999"),
      body(count: "4294967297"),
      body(temperature: "0"), body(temperature: "-0.0"), body(temperature: "-1"), body(temperature: #""1""#),
      body(temperature: "1e400"), body(temperature: "null"), body(temperature: "true"),
      body(topP: "-0.1"), body(topP: "1.0000001"), body(topP: #""0.5""#), body(topP: "null"), body(topP: "-1e-3"),
      #"{"count": 5, "temperature": 1, "top_p": 1}"#, #"{"data_profile": "a", "temperature": 1, "top_p": 1}"#,
      #"{"data_profile": "a", "count": 5, "top_p": 1}"#, #"{"data_profile": "a", "count": 5, "temperature": 1}"#,
    ])
  func badParameters(_ body: String) async throws {
    let gateway = TestGateway()
    #expect(try await gateway.predict(body).isError(400, "Invalid prediction parameters."))
    #expect(gateway.predictions.calls.isEmpty)
  }

  @Test(
    "Parameters at the edges of what is allowed are forwarded, whatever the profile's name",
    arguments: [
      body(count: "1"), body(count: "1000"), body(count: "1e3"), body(count: "5.0"), body(temperature: "1e-300"),
      body(temperature: "1e300"), body(topP: "0"), body(topP: "1"), body(topP: "-0.0"), body(profile: #""""#),
      body(profile: #""a b/\u0000""#), body(profile: #""temporis/electricity""#),
    ])
  func edges(_ body: String) async throws {
    let gateway = TestGateway(predictions: FakePredictionClient { throw ServiceError(.dataProfileNotFound) })
    #expect(try await gateway.predict(body).isError(404, "Data profile not found."))
    #expect(gateway.predictions.calls.count == 1)
  }

  @Test("A body over 1 MiB is a 413")
  func tooLong() async throws {
    let body = Self.body() + String(repeating: " ", count: 1 << 20)
    #expect(try await TestGateway().predict(body).isError(413, "Request body too large."))
  }

  @Test("An idempotency key is forwarded")
  func idempotencyKey() async throws {
    let key = String(repeating: "~", count: 254) + "!"
    let gateway = TestGateway(predictions: FakePredictionClient { throw ServiceError(.idempotencyKeyReused) })
    let name = try #require(HTTPField.Name("Idempotency-Key"))
    let answer = try await gateway.predict(headers: [name: key])
    #expect(answer.isError(409, "Idempotency key reused with a different request."))
    #expect(gateway.predictions.calls.first?.request.idempotencyKey == key)
  }

  @Test(
    "An idempotency key that is empty, too long, of other characters or given twice is bad",
    arguments: [[""], [String(repeating: "a", count: 256)], ["a b"], ["é"], ["a", "a"]])
  func badIdempotencyKey(_ keys: [String]) async throws {
    let name = try #require(HTTPField.Name("Idempotency-Key"))
    var headers = HTTPFields()
    for key in keys { headers.append(HTTPField(name: name, value: key)) }
    let gateway = TestGateway()
    #expect(try await gateway.predict(headers: headers).isError(400, "Invalid prediction parameters."))
    #expect(gateway.predictions.calls.isEmpty)
  }

  @Test(
    "Each refusal of the service has its status",
    arguments: [
      (ServiceError.Reason.invalidPredictionParameters, 400, "Invalid prediction parameters."),
      (.cardMissing, 402, "Add a credit card before using the API."),
      (.paymentFailed, 402, "There is a payment issue. Add a new credit card."),
      (.dataProfileNotFound, 404, "Data profile not found."),
      (.dataProfileNotReady, 404, "Data profile is not ready to serve."),
      (.notEnoughData, 409, "Not enough data for this data profile."),
      (.idempotencyKeyReused, 409, "Idempotency key reused with a different request."),
      (.rateLimited, 429, "Too many requests."), (.engineBusy, 429, "Too many requests."),
      (.unavailable, 502, "Prediction failed."),
    ])
  func refusals(_ reason: ServiceError.Reason, _ status: Int, _ detail: String) async throws {
    let gateway = TestGateway(predictions: FakePredictionClient { throw ServiceError(reason) })
    #expect(try await gateway.predict().isError(status, detail))
  }

  @Test("What is not charged has no cost")
  func noCost() async throws {
    let gateway = TestGateway(predictions: FakePredictionClient { throw ServiceError(.dataProfileNotFound) })
    let answer = try await gateway.predict()
    #expect(try answer.header("Temporis-Model-Tokens") == nil)
    #expect(try answer.header("Temporis-Cost-Nano-Dollars") == nil)
  }

  @Test("A service that answers nothing at all is a 502")
  func nothing() async throws {
    #expect(try await TestGateway().predict().isError(502, "Prediction failed."))
  }
}
