import GRPCCore
import Hummingbird
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The account: how it signs in, and where it is signed in.
struct AccountPages: Sendable {
  private static let path = "/dashboard/account"

  let faults: FaultLog

  var routes: [DashboardRoute] {
    [
      .member(.get, Self.path) { request in try await page(request) },
      .member(.post, "\(Self.path)/password", changePassword),
      .member(.post, "\(Self.path)/sessions/:id/delete", endSession),
      .member(.post, "\(Self.path)/sign-out-others", signOutOthers),
      .member(.post, "\(Self.path)/sign-out-everywhere", signOutEverywhere),
    ]
  }

  private func page(_ request: MemberRequest, errors: FormErrors? = nil) async throws -> DashboardResponse {
    async let account = request.services.account()
    let listed = try await request.services.accounts.listSessions(request.listing(limit: 25))
    let view = try await AccountView(account, listed, page: request.pageToken, errors: errors)
    return .page(.account, title: "Account", section: .account, status: errors?.status ?? .ok, content: view)
  }

  private func changePassword(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_ChangePasswordRequest()
    message.currentPassword = request.form["current_password"]
    message.newPassword = request.form["new_password"]
    do {
      let session = try await confirmed(or: .passwordUnconfirmed) { [message] in
        let changed = try await request.services.accounts.changePassword(message)
        return try DashboardResponse.SessionChange.beginning(changed.secret, until: changed.expireTime)
      }
      var response = DashboardResponse.redirect(to: Self.path, flash: .passwordChanged)
      response.session = session
      return response
    } catch {
      let refusal = try ServiceError.refusal(in: error, .invalidArgument, .signInFailed, .rateLimited)
      let errors = FormErrors(
        refusal, fields: ["new_password": "new_password"], reasons: [.signInFailed: "current_password"])
      var response = try await page(request, errors: errors)
      if refusal.reason == .rateLimited { response.headers[.retryAfter] = String(refusal.waitSeconds) }
      return response
    }
  }

  private func endSession(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_DeleteSessionRequest()
    message.sessionID = try request.parameter("id")
    do {
      _ = try await confirmed { [message] in try await request.services.accounts.deleteSession(message) }
    } catch {
      _ = try ServiceError.refusal(in: error, .sessionNotFound)
      throw PageError.sessionGone
    }
    return .redirect(to: Self.path, flash: .sessionEnded)
  }

  private func signOutOthers(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_DeleteSessionsRequest()
    message.keepCurrent = true
    _ = try await confirmed { [message] in try await request.services.accounts.deleteSessions(message) }
    return .redirect(to: Self.path, flash: .othersSignedOut)
  }

  private func signOutEverywhere(_ request: MemberRequest) async throws -> DashboardResponse {
    let message = Temporis_Token_V1_DeleteSessionsRequest()
    _ = try await confirmed { try await request.services.accounts.deleteSessions(message) }
    var response = DashboardResponse.redirect(to: "/dashboard/sign-in", flash: .signedOutEverywhere)
    response.session = .ends
    return response
  }

  /// Ends sessions, and returns once no verifier accepts them.
  /// - Parameter unconfirmed: What is said after a fault: the change may hold, or not, or not everywhere.
  private func confirmed<Answer: Sendable>(
    or unconfirmed: PageError = .unconfirmed, _ change: () async throws -> Answer
  ) async throws -> Answer {
    do {
      return try await change()
    } catch {
      try faults.noteFault(error, "The end of sessions is not confirmed", kind: "sessions", page: Self.path)
      throw unconfirmed
    }
  }
}
