import Postgres
import PredictServer
import ServiceKit
import ServiceLifecycle
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Billing")
struct BillingTests {
  @Test("A card is put on file, replaced and taken off")
  func card() async throws {
    let account = try await PredictStack.make().account()
    await expectRefusal(.paymentMethodNotFound) { try await account.card() }
    let visa = try await account.setCard()
    #expect(visa.brand == "visa" && visa.lastFour == "4242" && visa.status == .good)
    #expect(try await account.card() == visa)
    let failing = try await account.setCard("pm_card_chargeCustomerFail")
    #expect(failing.status == .chargeFailed)
    #expect(try await account.card() == failing)
    for reference in ["", "pm_card_unknown", "4242424242424242", "pm\0"] {
      await expectRefusal(.paymentMethodUnknown) { try await account.setCard(reference) }
    }
    #expect(try await account.card() == failing)
    try await account.removeCard()
    try await account.removeCard()
    await expectRefusal(.paymentMethodNotFound) { try await account.card() }
  }

  @Test("Usage counts the successful predictions of this month alone, exactly")
  func usage() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    _ = try await account.predict(count: 5)
    _ = try await account.predict(count: 20)
    await expectRefusal(.dataProfileNotFound) { try await account.predict("none") }
    try await account.bill(
      tokens: 1_000, at: "date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 us'")
    try await account.bill(tokens: 7, at: "date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'")
    let usage = try await account.usage()
    #expect(usage.predictions == 3)
    #expect(usage.modelTokens == 25 * 64 + 7)
    #expect(usage.nanoDollars == (25 * 64 + 7) * 20)
    #expect(usage.priceNanoDollars == 20)
    #expect(usage.startTime.seconds > 1_700_000_000 && usage.startTime.seconds % 86_400 == 0)
    #expect(try await account.stack.account().usage().predictions == 0)
  }

  @Test("A credential's usage counts its own predictions of the last 24 hours alone")
  func credentialUsage() async throws {
    let account = try await PredictStack.make().account()
    try await account.bill(tokens: 5, at: "now()", by: "tok_one")
    try await account.bill(tokens: 7, at: "now() - interval '23 hours 59 minutes'", by: "tok_one")
    try await account.bill(tokens: 11, at: "now() - interval '24 hours 1 minute'", by: "tok_one")
    try await account.bill(tokens: 13, at: "now()", by: "tok_two")
    let usage = try await account.usage(of: "tok_one")
    #expect(usage.predictions == 2 && usage.modelTokens == 12 && usage.nanoDollars == 240)
    for nobody in ["", "tok_none", "tok_\0", "tok_one' OR 'a' = 'a"] {
      #expect(try await account.usage(of: nobody).predictions == 0)
    }
    #expect(try await account.stack.account().usage(of: "tok_one").predictions == 0)
  }

  @Test("Sums are exact beyond the precision of a double, and one that overflows is a fault instead of a number")
  func largeSums() async throws {
    let account = try await PredictStack.make().account()
    try await account.bill(tokens: 1 << 57, at: "now()")
    try await account.bill(tokens: 1, at: "now()")
    #expect(try await account.usage().modelTokens == 1 << 57 + 1)
    #expect(try await account.usage().nanoDollars == (1 << 57 + 1) * 20)
    for _ in 0..<4 { try await account.bill(tokens: 1 << 58, at: "now()") }
    await #expect(throws: (any Error).self) { try await account.usage() }
  }

  @Test("Usage is read from sums that are kept as predictions are billed, and agree with the records under concurrency")
  func keptUsage() async throws {
    let account = try await PredictStack.make().account()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in account.stack.service.background { group.addTask { try await service.run() } }
      try await withThrowingTaskGroup(of: Void.self) { bills in
        for caller in 0..<8 {
          bills.addTask {
            for day in 1...25 {
              try await account.bill(
                tokens: 3, at: "'2026-01-01Z'::timestamptz + interval '\(day) days'", by: "tok_\(caller % 3)")
            }
            try await account.bill(tokens: 5, at: "date_trunc('month', now(), 'UTC')", by: "tok")
          }
        }
        try await bills.waitForAll()
      }
      #expect(try await account.usage().predictions == 8)
      try await eventually { try await account.countRows("usage_change") == 0 }
      #expect(try await account.usage().predictions == 8)
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(try await account.countRows("usage_day") == 76)
    // What has no record is seen, too: the records are not read.
    try await account.stack.administrator.execute(
      "UPDATE predict.usage_day SET predictions = predictions + 1000 WHERE account_id = $1", .text(account.id))
    #expect(try await account.usage().predictions >= 1_000)
  }

  @Test("A billing record cannot be changed or deleted, by the service's role or by anybody")
  func recordsAreFinal() async throws {
    let stack = try await PredictStack.make()
    let account = stack.account()
    try await account.bill(tokens: 10, at: "now()")
    let attempts = [
      "UPDATE predict.billing_record SET model_tokens = model_tokens WHERE account_id = $1",
      "DELETE FROM predict.billing_record WHERE account_id = $1",
    ]
    for attempt in attempts {
      let right = await #expect(throws: PostgresError.self) {
        try await stack.database.execute(attempt, .text(account.id))
      }
      #expect(right?.sqlState == .insufficientPrivilege)
      let trigger = await #expect(throws: PostgresError.self) {
        try await stack.administrator.execute(attempt, .text(account.id))
      }
      #expect(trigger?.sqlState?.rawValue == "23001")
    }
    await #expect(throws: PostgresError.self) {
      try await stack.administrator.execute("TRUNCATE predict.billing_record")
    }
    #expect(try await account.billedCount() == 1)
  }

  @Test("The database refuses a bill whose cost is not the product")
  func costIsProduct() async throws {
    let account = try await PredictStack.make().account()
    let error = await #expect(throws: PostgresError.self) { try await account.bill(tokens: 10, cost: 199, at: "now()") }
    #expect(error?.sqlState == .checkViolation)
  }

  @Test("Migrating again applies nothing")
  func migrateTwice() async throws {
    #expect(try await PredictStack.make().migrate().isEmpty)
  }
}

extension Account {
  /// Puts a bill into the books, at a price of 20.
  func bill(
    tokens: Int64, cost: Int64? = nil, at time: String, by credentialID: String = "tok_1"
  ) async throws {
    let requestID = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    _ = try await stack.administrator.execute(
      """
      INSERT INTO predict.billing_record VALUES ($1, $2, $5, 'prof_1', 'p', $3, 20, $4, \(time))
      """,
      .text(id), .text(requestID), .int8(tokens), .int8(cost ?? tokens * 20), .text(credentialID))
  }
}
