import GRPCCore
import SwiftProtobuf
package import TemporisAPI

extension StackClient {
  /// Every access token of the account, newest first.
  package func allTokens() async throws -> [Temporis_Token_V1_AccessToken] {
    try await allPages { page in
      let request = Temporis_Token_V1_ListAccessTokensRequest.with {
        $0.pageSize = 1_000
        $0.pageToken = page
      }
      let answer = try await tokens.listAccessTokens(request, metadata: metadata)
      return (answer.accessTokens, answer.nextPageToken)
    }
  }

  /// Every data source of the account, by name.
  package func allSources() async throws -> [Temporis_Predict_V1_DataSource] {
    try await allPages { page in
      let request = Temporis_Predict_V1_ListDataSourcesRequest.with {
        $0.pageSize = 1_000
        $0.pageToken = page
      }
      let answer = try await sources.listDataSources(request, metadata: metadata)
      return (answer.dataSources, answer.nextPageToken)
    }
  }

  /// Every data profile of the account, by name.
  package func allProfiles() async throws -> [Temporis_Predict_V1_DataProfile] {
    try await allPages { page in
      let request = Temporis_Predict_V1_ListDataProfilesRequest.with {
        $0.pageSize = 1_000
        $0.pageToken = page
      }
      let answer = try await profiles.listDataProfiles(request, metadata: metadata)
      return (answer.dataProfiles, answer.nextPageToken)
    }
  }

  private func allPages<T>(_ read: (String) async throws -> (items: [T], next: String)) async throws -> [T] {
    var all: [T] = []
    var page = ""
    repeat {
      let answer = try await read(page)
      all += answer.items
      page = answer.next
    } while !page.isEmpty
    return all
  }
}
