import FoundationEssentials
import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension DashboardServices {
  /// Signs in.
  /// - Returns: The session, and for how many seconds it works.
  func session(email: String, password: String) async throws -> (Session, lifetime: Int64) {
    var request = Temporis_Token_V1_CreateSessionRequest()
    request.email = email
    request.password = password
    let answer = try await accounts.createSession(request, metadata: [:])
    guard let session = Session(answer.secret) else { throw ServiceError(.unavailable) }
    return (session, answer.expireTime.seconds - Int64(Date.now.timeIntervalSince1970))
  }
}
