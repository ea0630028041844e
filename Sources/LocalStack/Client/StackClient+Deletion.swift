import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI

extension StackClient {
  /// The longest that a deletion may take: a service deletes rows in steps.
  private static let deletionTimeout = Duration.seconds(120)

  /// Deletes a data source with its rows.
  ///
  /// - Parameter force: Whether the data profiles that read it are deleted, too.
  package func deleteSource(_ name: String, force: Bool) async throws {
    _ = try await CallDeadline.within(Self.deletionTimeout) {
      try await sources.deleteDataSource(
        .with {
          $0.name = name
          $0.force = force
        })
    }
  }

  /// Deletes rows of a data source.
  ///
  /// - Parameter validateOnly: Whether nothing is deleted, and the answer says what would be.
  package func deleteRecords(
    _ request: Temporis_Predict_V1_DeleteRecordsRequest, validateOnly: Bool = false
  ) async throws -> Temporis_Predict_V1_DeleteRecordsResponse {
    var request = request
    request.validateOnly = validateOnly
    return try await CallDeadline.within(Self.deletionTimeout) { [request] in
      try await sources.deleteRecords(request)
    }
  }
}
