import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension DemoAccount {
  private static let source = "store_metrics"
  private static let profile = "hourly_orders"
  private static let series = "orders"

  /// Brings the source's rows up to date, and creates the profile and the card that predictions need.
  func prepareData(_ client: StackClient) async throws {
    let source = Temporis_Predict_V1_CreateDataSourceRequest.with { $0.name = Self.source }
    try await Self.unless(.dataSourceExists) {
      _ = try await client.sources.createDataSource(source)
    }
    let records = DemoSeries.rows(until: now).map { row in
      Temporis_Predict_V1_Record.with {
        $0.timestamp = row.timestamp
        $0.name = Self.series
        $0.value = row.orders
      }
    }
    try await Self.unless(.dataSourceArchived) { try await client.ingest(records, into: Self.source) }
    let profile = Temporis_Predict_V1_CreateDataProfileRequest.with {
      $0.name = Self.profile
      $0.settings.dataSource = Self.source
      $0.settings.names = [Self.series]
      $0.settings.interval = DemoSeries.interval
    }
    try await Self.unless(.dataProfileExists) {
      _ = try await client.profiles.createDataProfile(profile)
    }
    try await waitUntilReady(client)
    let card = Temporis_Billing_V1_SetPaymentMethodRequest.with { $0.paymentMethodReference = "pm_card_visa" }
    _ = try await client.billing.setPaymentMethod(card)
  }

  private func waitUntilReady(_ client: StackClient) async throws {
    let request = Temporis_Predict_V1_GetDataProfileRequest.with { $0.name = Self.profile }
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      let answer = try await client.profiles.getDataProfile(request)
      if answer.dataProfile.ready { return }
      guard ContinuousClock.now < deadline else {
        throw LocalStackError(.startFailed, "The demo profile \(Self.profile) did not become ready within 30 s")
      }
      try await pause(for: .milliseconds(100))
    }
  }
}
