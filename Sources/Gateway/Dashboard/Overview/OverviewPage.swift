import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The overview: the steps still to be done, the use of this month, a request to copy.
struct OverviewPage: Sendable {
  /// The most data sources that are looked into for rows.
  private static let probedSources = 10

  var routes: [DashboardRoute] {
    [.member(.get, "/dashboard", show)]
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    async let card = request.services.card()
    async let usage = request.services.usage()
    async let rows = self.sources(request)
    async let profiles = self.profiles(request)
    async let hasToken = self.hasToken(request)
    async let hasForecast = self.hasForecast(request)
    let progress = try await Progress(
      source: rows.first, sourceHasRows: rows.hasRows, profile: profiles.first, readyProfile: profiles.ready,
      hasToken: hasToken, hasCard: card != nil, cardHasFailed: card?.status == .chargeFailed, hasForecast: hasForecast)
    let view = try await OverviewView(progress, usage: usage, origin: request.origin.description)
    return .page(.overview, title: "Overview", section: .overview, content: view)
  }

  /// The first data source, and whether any of the first few holds rows: that one comes first then.
  private func sources(_ request: MemberRequest) async throws -> (first: String?, hasRows: Bool) {
    var message = Temporis_Predict_V1_ListDataSourcesRequest()
    message.pageSize = Int32(Self.probedSources)
    let sources = try await request.services.sources.listDataSources(message).dataSources
    for source in sources {
      var message = Temporis_Predict_V1_ListSeriesRequest()
      message.dataSource = source.name
      message.pageSize = 1
      let listed = try await request.services.sources.listSeries(message)
      if !listed.series.isEmpty { return (source.name, true) }
    }
    return (sources.first?.name, false)
  }

  /// The first data profile, and the first one that is ready.
  private func profiles(_ request: MemberRequest) async throws -> (first: String?, ready: String?) {
    var message = Temporis_Predict_V1_ListDataProfilesRequest()
    message.pageSize = 1_000
    let profiles = try await request.services.profiles.listDataProfiles(message).dataProfiles
    return (profiles.first?.name, profiles.first(where: \.ready)?.name)
  }

  private func hasToken(_ request: MemberRequest) async throws -> Bool {
    var message = Temporis_Token_V1_ListAccessTokensRequest()
    message.pageSize = 1
    let listed = try await request.services.tokens.listAccessTokens(message)
    return !listed.accessTokens.isEmpty
  }

  private func hasForecast(_ request: MemberRequest) async throws -> Bool {
    var message = Temporis_Billing_V1_ListChargesRequest()
    message.pageSize = 1
    let listed = try await request.services.billing.listCharges(message)
    return !listed.charges.isEmpty
  }
}
