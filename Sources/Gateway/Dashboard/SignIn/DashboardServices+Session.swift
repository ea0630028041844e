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
  /// - Returns: The session, and for how many seconds it works.
  func session(email: String, password: String) async throws -> (Session, lifetime: Int64) {
    var message = Temporis_Token_V1_CreateSessionRequest()
    message.email = email
    message.password = password
    let created = try await accounts.createSession(message)
    guard let session = Session(created.secret) else { throw ServiceError(.unavailable) }
    return (session, created.expireTime.seconds - Int64(Date.now.timeIntervalSince1970))
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
