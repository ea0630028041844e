import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Signing in and out.
struct SignInPages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .open(.get, "/dashboard/sign-in", form),
      .open(.post, "/dashboard/sign-in", signIn),
      .member(.post, "/dashboard/sign-out", signOut),
    ]
  }

  private func form(_ request: DashboardRequest) async throws -> Answer {
    page(SignInView(next: request.query["next"]), notice: .asked(request.query))
  }

  private func signIn(_ request: DashboardRequest) async throws -> Answer {
    let email = request.form.text("email")
    do {
      let (session, lifetime) = try await services.session(email: email, password: request.form["password"])
      var answer = Answer.redirect(to: LocalPath(request.form["next"])?.text ?? "/dashboard")
      answer.session = .begins(session, lifetime: lifetime)
      return answer
    } catch {
      let refusal = try ServiceError.refusal(in: error, .signInFailed, .rateLimited)
      let view = SignInView(next: request.form["next"], email: email, problem: problem(refusal))
      var answer = page(view, status: refusal.reason.pageStatus)
      if refusal.reason == .rateLimited { answer.headers[.retryAfter] = String(refusal.wait) }
      return answer
    }
  }

  private func problem(_ refusal: ServiceError) -> String {
    guard refusal.reason == .rateLimited else {
      return "The e-mail address and the password do not belong together."
    }
    return "Too many failed sign-ins for this address. Try again in "
      + Count.text(refusal.wait, "second", "seconds") + "."
  }

  private func page(_ view: SignInView, status: HTTPResponse.Status = .ok, notice: Notice? = nil) -> Answer {
    .page(.signIn, title: "Sign in", status: status, notice: notice, content: view)
  }

  private func signOut(_ request: MemberRequest) async throws -> Answer {
    let message = Temporis_Token_V1_DeleteSessionRequest()
    _ = try await services.accounts.deleteSession(message, metadata: request.metadata)
    var answer = Answer.redirect(to: "/dashboard/sign-in", notice: .signedOut)
    answer.session = .ends
    return answer
  }
}

/// The sign-in form.
private struct SignInView: Sendable {
  let next: String?
  let problem: String?
  let email: FormField
  let password: FormField

  init(next: String, email: String = "", problem: String? = nil) {
    self.next = LocalPath(next)?.text
    self.problem = problem
    self.email = FormField(
      "email", label: "E-mail address", kind: .email, value: email, autocomplete: "username", maxLength: 254)
    password = FormField("password", label: "Password", kind: .password, autocomplete: "current-password")
  }
}

extension ServiceError {
  /// How long to wait before another try, in seconds.
  fileprivate var wait: Int64 { (retryAfter ?? .seconds(1)).wholeSeconds }
}
