import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// A data source with the demo series, and a data profile that reads it.
struct DemoData: Sendable {
  /// What the demo account has.
  static let own = DemoData(source: "store_metrics", profile: "hourly_orders")
  /// What the operator's account has, and publishes.
  static let published = DemoData(source: "demo_metrics", profile: "demo_hourly")
  private static let series = "orders"

  let source: String
  let profile: String

  /// Brings the source's rows up to date, creates the profile, and waits until that is ready.
  /// - Parameter now: Unix seconds: where the series ends.
  func prepare(_ client: StackClient, now: Int64) async throws {
    let created = Temporis_Predict_V1_CreateDataSourceRequest.with { $0.name = source }
    try await StackAccount.unless(.dataSourceExists) {
      _ = try await client.sources.createDataSource(created)
    }
    let records = DemoSeries.rows(until: now).map { row in
      Temporis_Predict_V1_Record.with {
        $0.timestamp = row.timestamp
        $0.name = Self.series
        $0.value = row.orders
      }
    }
    try await StackAccount.unless(.dataSourceArchived) { try await client.ingest(records, into: source) }
    let recipe = Temporis_Predict_V1_CreateDataProfileRequest.with {
      $0.name = profile
      $0.settings.dataSource = source
      $0.settings.names = [Self.series]
      $0.settings.interval = DemoSeries.interval
    }
    try await StackAccount.unless(.dataProfileExists) {
      _ = try await client.profiles.createDataProfile(recipe)
    }
    try await waitUntilReady(client)
  }

  private func waitUntilReady(_ client: StackClient) async throws {
    let request = Temporis_Predict_V1_GetDataProfileRequest.with { $0.name = profile }
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      let answer = try await client.profiles.getDataProfile(request)
      if answer.dataProfile.ready { return }
      guard ContinuousClock.now < deadline else {
        throw LocalStackError(.startFailed, "The demo profile \(profile) did not become ready within 30 s")
      }
      try await pause(for: .milliseconds(100))
    }
  }
}
