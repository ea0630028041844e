import GRPCCore
import Hummingbird
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Signing in and out.
struct SignInPages: Sendable {
  static let signOutPath = "/dashboard/sign-out"

  let faults: FaultLog

  var routes: [DashboardRoute] {
    [
      .open(.get, "/dashboard/sign-in", form),
      .open(.post, "/dashboard/sign-in", signIn),
      .member(.post, Self.signOutPath, signOut),
    ]
  }

  private func form(_ request: DashboardRequest) async throws -> DashboardResponse {
    page(SignInView(next: request.query["next"]))
  }

  private func signIn(_ request: DashboardRequest) async throws -> DashboardResponse {
    let email = request.form.text("email")
    do {
      let session = try await self.session(request, email: email)
      var response = DashboardResponse.redirect(to: ReturnPath(request.form["next"])?.text ?? "/dashboard")
      response.session = session
      return response
    } catch {
      let refusal = try ServiceError.refusal(in: error, .signInFailed, .rateLimited, .quotaExceeded)
      let problem =
        switch refusal.reason {
        case .rateLimited: refusal.waitText
        case .quotaExceeded: "\(refusal.sentence) Tick “Sign out everywhere else” to end those that there are."
        default: "The e-mail address and the password do not belong together."
        }
      let view = SignInView(
        next: request.form["next"], email: email, endsOthers: request.form.contains("end_others"), problem: problem)
      var response = page(view, status: refusal.reason.pageStatus)
      if refusal.reason == .rateLimited { response.headers[.retryAfter] = String(refusal.waitSeconds) }
      return response
    }
  }

  /// Signs in. A sign-in that ends the other sessions returns once no verifier accepts them.
  private func session(
    _ request: DashboardRequest, email: String
  ) async throws -> DashboardResponse.SessionChange {
    let endsOthers = request.form.contains("end_others")
    do {
      return try await request.services.session(
        email: email, password: request.form["password"], endsOthers: endsOthers)
    } catch {
      guard endsOthers else { throw error }
      // They may have ended, or not, or not everywhere.
      try faults.noteFault(
        error, "The end of sessions is not confirmed", kind: "sessions", page: "/dashboard/sign-in")
      throw PageError.unconfirmed
    }
  }

  private func page(_ view: SignInView, status: HTTPResponse.Status = .ok) -> DashboardResponse {
    .page(.signIn, title: "Sign in", status: status, content: view)
  }

  private func signOut(_ request: MemberRequest) async throws -> DashboardResponse {
    let message = Temporis_Token_V1_DeleteSessionRequest()
    _ = try await request.services.accounts.deleteSession(message)
    return .signedOut
  }
}

/// The sign-in form.
private struct SignInView: Sendable {
  let next: String?
  let problem: String?
  let email: FormField
  let password: FormField
  let endOthers: CheckField

  init(next: String, email: String = "", endsOthers: Bool = false, problem: String? = nil) {
    self.next = ReturnPath(next)?.text
    self.problem = problem
    self.email = FormField(
      "email", label: "E-mail address", kind: .email, value: email, autocomplete: "username", maxLength: 254)
    password = FormField("password", label: "Password", kind: .password, autocomplete: "current-password")
    endOthers = CheckField(
      name: "end_others", label: "Sign out everywhere else", isOn: endsOthers,
      help: "For when somebody else is signed in to your account.")
  }
}
