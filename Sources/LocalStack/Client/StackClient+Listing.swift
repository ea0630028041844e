import GRPCCore
import SwiftProtobuf
package import TemporisAPI

extension StackClient {
  /// Reads every access token of the account, newest first.
  package func allTokens() async throws -> [Temporis_Token_V1_AccessToken] {
    try await all { page in
      let answer = try await tokens.listAccessTokens(
        .with {
          $0.pageSize = Self.pageSize
          $0.pageToken = page
        })
      return (answer.accessTokens, answer.nextPageToken)
    }
  }

  /// Reads the latest audit records of the account, newest first.
  ///
  /// - Parameter limit: The most records.
  package func auditRecords(limit: Int) async throws -> [Temporis_Token_V1_AuditRecord] {
    var records: [Temporis_Token_V1_AuditRecord] = []
    try await forEachPage { page in
      let answer = try await accounts.listAuditRecords(
        .with {
          $0.pageSize = Int32(clamping: min(limit, Int(Self.pageSize)))
          $0.pageToken = page
        })
      return (answer.auditRecords, answer.nextPageToken)
    } until: { page in
      records += page
      return records.count >= limit
    }
    return Array(records.prefix(limit))
  }

  /// Reads every data source of the account, by name.
  package func allSources() async throws -> [Temporis_Predict_V1_DataSource] {
    try await all { page in
      let answer = try await sources.listDataSources(
        .with {
          $0.pageSize = Self.pageSize
          $0.pageToken = page
        })
      return (answer.dataSources, answer.nextPageToken)
    }
  }

  /// Reads every data profile of the account, by name.
  package func allProfiles() async throws -> [Temporis_Predict_V1_DataProfile] {
    try await all { page in
      let answer = try await profiles.listDataProfiles(
        .with {
          $0.pageSize = Self.pageSize
          $0.pageToken = page
        })
      return (answer.dataProfiles, answer.nextPageToken)
    }
  }

  /// Reads every series of a data source, by name.
  package func allSeries(of source: String) async throws -> [Temporis_Predict_V1_Series] {
    try await all { try await seriesPage($0, of: source) }
  }

  /// Finds the names that no series of a data source has.
  ///
  /// Names are compared by their bytes, as the services do: `é` has two spellings in Unicode.
  package func missingSeries(_ names: [String], in source: String) async throws -> [String] {
    var missing = names
    try await forEachPage {
      try await seriesPage($0, of: source)
    } until: { series in
      let known = Set(series.map { Array($0.name.utf8) })
      missing.removeAll { known.contains(Array($0.utf8)) }
      return missing.isEmpty
    }
    return missing
  }

  /// The largest page that a service answers.
  private static let pageSize: Int32 = 1_000

  private func seriesPage(_ page: String, of source: String) async throws -> Page<Temporis_Predict_V1_Series> {
    let answer = try await sources.listSeries(
      .with {
        $0.dataSource = source
        $0.pageSize = Self.pageSize
        $0.pageToken = page
      })
    return (answer.series, answer.nextPageToken)
  }

  private typealias Page<Item> = (items: [Item], next: String)

  private func all<Item>(_ read: (String) async throws -> Page<Item>) async throws -> [Item] {
    var all: [Item] = []
    try await forEachPage(read) { items in
      all += items
      return false
    }
    return all
  }

  /// Reads page after page, until the last one or one that is enough.
  private func forEachPage<Item>(
    _ read: (String) async throws -> Page<Item>, until isEnough: ([Item]) -> Bool
  ) async throws {
    var token = ""
    repeat {
      let page = try await read(token)
      if isEnough(page.items) { return }
      token = page.next
    } while !token.isEmpty
  }
}
