package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

extension AccountHandler {
  package func listAuditRecords(
    request: Temporis_Token_V1_ListAuditRecordsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListAuditRecordsResponse {
    let page = try await store.auditRecords(
      of: try Principal.required().accountID, page: try PageRequest(size: request.pageSize, token: request.pageToken))
    var response = Temporis_Token_V1_ListAuditRecordsResponse()
    response.auditRecords = page.items.map { Temporis_Token_V1_AuditRecord($0) }
    response.nextPageToken = page.nextToken
    return response
  }
}
