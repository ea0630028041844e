import Foundation
import SystemSupport
import TestSupport
import Testing

/// What customers see while a service is down: a 502 in time, never a 401, and nothing half-stored.
@Suite(.serialized) struct OutageTests {
  private static let failures = ["/v1/predict": "Prediction failed.", "/v1/data_sources/ingest": "Ingest failed."]
  private static let ingestion =
    #"{"data_source": "store_metrics", "records": [{"timestamp": 1, "name": "outage", "value": 1}]}"#

  /// Stops every process of a service for as long as the body runs.
  private func withStopped(_ service: String, on stack: Stack, _ body: () async throws -> Void) async throws {
    let pids = try #require(try await stack.ready().pids[service])
    for pid in pids { kill(pid, SIGSTOP) }
    defer { for pid in pids { kill(pid, SIGCONT) } }
    try await body()
  }

  @Test("A service that hangs gives a 502 within its deadline, stores nothing and bills nothing") func hang()
    async throws
  {
    let stack = try await Stack(environment: [
      "TEMPORIS_PREDICT_TIMEOUT": "5", "TEMPORIS_CHARGE_WRITE_TIMEOUT": "2", "TEMPORIS_INGEST_TIMEOUT": "3",
      "TEMPORIS_VERIFY_TIMEOUT": "2",
    ])
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    var answered = 0
    for service in ["predict-service", "auth-verifier", "token-service"] {
      try await withStopped(service, on: stack) {
        // Without the token-service the verifier goes on for as long as its lease holds.
        let prediction = try await eventually("\(service) is missed") {
          let answer = try await customer.http.predict(HTTP.prediction(count: 1), token: token)
          if answer.status == 200 { answered += 1 }
          return answer.status == 200 ? nil : answer
        }
        #expect(prediction.status == 502, "\(service)")
        #expect(prediction.body == #"{"detail": "Prediction failed."}"#)
        let ingest = try await customer.http.ingest(Self.ingestion, token: token)
        #expect(ingest.status == 502, "\(service)")
        #expect(ingest.body == #"{"detail": "Ingest failed."}"#)
      }
      let recovered = try await eventually("\(service) answers again") {
        let answer = try await customer.http.predict(HTTP.prediction(count: 1), token: token)
        return answer.status == 200 ? answer : nil
      }
      #expect(recovered.status == 200)
      answered += 1
    }
    #expect(try await customer.usage().predictions == answered, "what was answered")
    let outages = "SELECT count(*) FROM predict.record WHERE name = 'outage'"
    #expect(try await stack.ready().sql(outages) == ["0"])
    try await stack.stop()
  }

  @Test(
    "A killed service is started again, and until then no request is answered with a 401",
    arguments: [
      "predict-service", "auth-verifier", "token-service",
    ])
  func killed(service: String) async throws {
    let stack = try await Stack()
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    let before = try await customer.usage().predictions
    let pids = try #require(try await stack.ready().pids[service])
    for pid in pids { kill(pid, SIGKILL) }
    var successes = 0
    try await eventually("\(service) is back") {
      let answer = try await customer.http.predict(HTTP.prediction(count: 1), token: token)
      #expect([200, 502].contains(answer.status))
      if answer.status == 200 { successes += 1 }
      return successes > 3 ? () : nil
    }
    #expect(try await customer.usage().predictions == before + successes)
    try await stack.stop()
  }

  @Test("Killed PostgreSQL back ends cost no charge and no row") func databaseConnections() async throws {
    let stack = try await Stack()
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    let ready = try await stack.ready()
    var successes = 0
    for _ in 0..<10 {
      _ = try await ready.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('temporis_predict', 'temporis_token')"
      )
      let answer = try await customer.http.predict(HTTP.prediction(count: 1), token: token)
      #expect([200, 502].contains(answer.status), "\(answer.body)")
      if answer.status == 200 { successes += 1 }
    }
    // An answer that was lost after its charge would show here.
    #expect(try await customer.usage().predictions == successes)
    #expect(
      try await eventually("the database is reached again") {
        try await customer.http.predict(HTTP.prediction(count: 1), token: token).status == 200 ? true : nil
      })
    try await stack.stop()
  }
}
