import FoundationEssentials
import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension DashboardServices {
  /// The account that the calls act for.
  /// - Throws: The service's refusal when they come with no session that works.
  func account() async throws -> Temporis_Token_V1_Account {
    try await accounts.getAccount(Temporis_Token_V1_GetAccountRequest()).account
  }

  /// Signs in.
  /// - Parameter endsOthers: Whether all other sessions of the account end, which may be made and not confirmed.
  func session(
    email: String, password: String, endsOthers: Bool = false
  ) async throws -> DashboardResponse.SessionChange {
    var message = Temporis_Token_V1_CreateSessionRequest()
    message.email = email
    message.password = password
    message.endOthers = endsOthers
    let created = try await accounts.createSession(message)
    return try .beginning(created.secret, until: created.expireTime)
  }
}

extension DashboardResponse.SessionChange {
  /// The begin of a session that a service has opened.
  /// - Throws: ``ServiceError`` `unavailable` when its secret is none.
  static func beginning(
    _ secret: String, until expireTime: Google_Protobuf_Timestamp
  ) throws(ServiceError) -> DashboardResponse.SessionChange {
    guard let session = Session(secret) else { throw ServiceError(.unavailable) }
    return .begins(session, lifetime: expireTime.seconds - Int64(Date.now.timeIntervalSince1970))
  }
}

extension ServiceError {
  /// The text for a person who has to wait: why, in the service's words, and how long.
  var waitText: String {
    "\(sentence) Try again in \(Count.text(waitSeconds, "second", "seconds"))."
  }

  /// The wait before another try, in seconds.
  var waitSeconds: Int64 { (retryAfter ?? .seconds(1)).wholeSeconds }
}
