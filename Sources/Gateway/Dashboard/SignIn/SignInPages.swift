import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Signing in and out.
struct SignInPages: Sendable {
  var routes: [DashboardRoute] {
    [
      .open(.get, "/dashboard/sign-in", form),
      .open(.post, "/dashboard/sign-in", signIn),
      .member(.post, "/dashboard/sign-out", signOut),
    ]
  }

  private func form(_ request: DashboardRequest) async throws -> DashboardResponse {
    page(SignInView(next: request.query["next"]))
  }

  private func signIn(_ request: DashboardRequest) async throws -> DashboardResponse {
    let email = request.form.text("email")
    do {
      let (session, lifetime) = try await request.services.session(email: email, password: request.form["password"])
      var response = DashboardResponse.redirect(to: ReturnPath(request.form["next"])?.text ?? "/dashboard")
      response.session = .begins(session, lifetime: lifetime)
      return response
    } catch {
      let refusal = try ServiceError.refusal(in: error, .signInFailed, .rateLimited)
      let mustWait = refusal.reason == .rateLimited
      let problem = mustWait ? refusal.waitText : "The e-mail address and the password do not belong together."
      var response = page(
        SignInView(next: request.form["next"], email: email, problem: problem), status: refusal.reason.pageStatus)
      if mustWait { response.headers[.retryAfter] = String(refusal.waitSeconds) }
      return response
    }
  }

  private func page(_ view: SignInView, status: HTTPResponse.Status = .ok) -> DashboardResponse {
    .page(.signIn, title: "Sign in", status: status, content: view)
  }

  private func signOut(_ request: MemberRequest) async throws -> DashboardResponse {
    let message = Temporis_Token_V1_DeleteSessionRequest()
    _ = try await request.services.accounts.deleteSession(message)
    var response = DashboardResponse.redirect(to: "/dashboard/sign-in", flash: .signedOut)
    response.session = .ends
    return response
  }
}

/// The sign-in form.
private struct SignInView: Sendable {
  let next: String?
  let problem: String?
  let email: FormField
  let password: FormField

  init(next: String, email: String = "", problem: String? = nil) {
    self.next = ReturnPath(next)?.text
    self.problem = problem
    self.email = FormField(
      "email", label: "E-mail address", kind: .email, value: email, autocomplete: "username", maxLength: 254)
    password = FormField("password", label: "Password", kind: .password, autocomplete: "current-password")
  }
}
