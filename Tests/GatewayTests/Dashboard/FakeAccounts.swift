import FoundationEssentials
import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// One account with one password.
struct FakeAccounts: Temporis_Token_V1_AccountService.SimpleServiceProtocol {
  let services: FakeServices

  func createAccount(
    request: Temporis_Token_V1_CreateAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccountResponse {
    guard request.password.utf8.count >= 8 else {
      throw ServiceError(violating: "password", "must be 8 to 256 bytes long")
    }
    guard request.email != services.with({ $0.email }) else { throw ServiceError(.accountExists) }
    return Temporis_Token_V1_CreateAccountResponse()
  }

  func getAccount(
    request: Temporis_Token_V1_GetAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_GetAccountResponse {
    let email = services.with { $0.email }
    return .with {
      $0.account.email = email
      $0.account.createTime.seconds = 1_700_000_000
    }
  }

  func createSession(
    request: Temporis_Token_V1_CreateSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateSessionResponse {
    guard request.password == FakeServices.password else { throw ServiceError(.signInFailed) }
    services.with { state in
      state.signIns.append(request)
      if request.endOthers { state.sessions = [] }
    }
    let secret = services.session
    return .with {
      $0.secret = secret
      $0.expireTime = Google_Protobuf_Timestamp(date: Date(timeIntervalSinceNow: 3_600))
    }
  }

  func listSessions(
    request: Temporis_Token_V1_ListSessionsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListSessionsResponse {
    let sessions = services.with { $0.sessions }
    let start = Int(request.pageToken) ?? 0
    let end = min(start + Int(request.pageSize), sessions.count)
    return .with {
      $0.sessions = Array(sessions[start..<end])
      $0.nextPageToken = end < sessions.count ? String(end) : ""
    }
  }

  func deleteSession(
    request: Temporis_Token_V1_DeleteSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionResponse {
    let isKnown = services.with { state in
      let count = state.sessions.count
      state.sessions.removeAll { $0.id == request.sessionID }
      return state.sessions.count < count
    }
    guard request.sessionID.isEmpty || isKnown else { throw ServiceError(.sessionNotFound) }
    return Temporis_Token_V1_DeleteSessionResponse()
  }

  func deleteSessions(
    request: Temporis_Token_V1_DeleteSessionsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionsResponse {
    services.with { state in state.sessions.removeAll { !(request.keepCurrent && $0.current) } }
    return Temporis_Token_V1_DeleteSessionsResponse()
  }

  func changePassword(
    request: Temporis_Token_V1_ChangePasswordRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ChangePasswordResponse {
    guard request.newPassword.utf8.count >= 8 else {
      throw ServiceError(violating: "new_password", "must be 8 to 256 bytes long")
    }
    guard request.currentPassword == FakeServices.password else {
      throw ServiceError(.signInFailed, "The current password is wrong.")
    }
    let secret = Secret(kind: .dashboardSession).revealed
    services.with { state in
      state.passwordChanges.append(request)
      state.sessions.removeAll { !$0.current }
      state.session = secret
    }
    return .with {
      $0.secret = secret
      $0.expireTime = Google_Protobuf_Timestamp(date: Date(timeIntervalSinceNow: 3_600))
    }
  }

  func listAuditRecords(
    request: Temporis_Token_V1_ListAuditRecordsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListAuditRecordsResponse {
    let records = services.with { $0.auditRecords }
    let start = Int(request.pageToken) ?? 0
    let end = min(start + Int(request.pageSize), records.count)
    return .with {
      $0.auditRecords = Array(records[start..<end])
      $0.nextPageToken = end < records.count ? String(end) : ""
    }
  }
}
