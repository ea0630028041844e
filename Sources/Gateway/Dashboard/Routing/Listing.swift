import SwiftProtobuf
import TemporisAPI

/// A request for a page of a list (AIP-158).
protocol ListRequest {
  init()
  var pageSize: Int32 { get set }
  var pageToken: String { get set }
}

extension Temporis_Token_V1_ListAccessTokensRequest: ListRequest {}
extension Temporis_Token_V1_ListAuditRecordsRequest: ListRequest {}
extension Temporis_Token_V1_ListSessionsRequest: ListRequest {}
extension Temporis_Predict_V1_ListDataSourcesRequest: ListRequest {}
extension Temporis_Predict_V1_ListDataProfilesRequest: ListRequest {}
extension Temporis_Billing_V1_ListChargesRequest: ListRequest {}

extension MemberRequest {
  /// The token of the page of a list that is asked for. Empty: the first, as after a form.
  var pageToken: String { self.query["page"] }

  /// Asks a service for that page.
  func listing<Message: ListRequest>(limit: Int32 = 50) -> Message {
    var message = Message()
    message.pageSize = limit
    message.pageToken = pageToken
    return message
  }
}
