import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Creating an account, which signs in at once.
struct SignUpPages: Sendable {
  var routes: [DashboardRoute] {
    [
      .open(.get, "/dashboard/sign-up") { _ in page(SignUpView(key: Base62.random(count: 22))) },
      .open(.post, "/dashboard/sign-up", signUp),
    ]
  }

  private func signUp(_ request: DashboardRequest) async throws -> DashboardResponse {
    let email = request.form.text("email")
    let password = request.form["password"]
    var message = Temporis_Token_V1_CreateAccountRequest()
    message.email = email
    message.password = password
    message.idempotencyKey = request.form["key"]
    do {
      _ = try await request.services.accounts.createAccount(message)
    } catch {
      let refusal = try ServiceError.refusal(
        in: error, .invalidArgument, .accountExists, .idempotencyKeyReused, .rateLimited)
      let errors = FormErrors(
        refusal, fields: ["email": "email", "password": "password"],
        reasons: [.accountExists: "email", .idempotencyKeyReused: "email"])
      // A key belongs to the attempt that it was made for; the next one is another.
      var response = page(
        SignUpView(key: Base62.random(count: 22), email: email, errors: errors), status: errors.status)
      if refusal.reason == .rateLimited { response.headers[.retryAfter] = String(refusal.waitSeconds) }
      return response
    }
    let session = try await request.services.session(email: email, password: password)
    var response = DashboardResponse.redirect(to: "/dashboard")
    response.session = session
    return response
  }

  private func page(_ view: SignUpView, status: HTTPResponse.Status = .ok) -> DashboardResponse {
    .page(.signUp, title: "Create an account", status: status, content: view)
  }
}

/// The sign-up form.
private struct SignUpView: Sendable {
  let key: String
  let problem: String?
  let email: FormField
  let password: FormField

  init(key: String, email: String = "", errors: FormErrors? = nil) {
    self.key = key
    problem = errors?.general
    self.email = FormField(
      "email", label: "E-mail address", kind: .email, value: email, error: errors?[field: "email"],
      autocomplete: "username", maxLength: 254)
    password = FormField(
      "password", label: "Password", kind: .password, help: "8 to 256 bytes. Stored as a hash only.",
      error: errors?[field: "password"], autocomplete: "new-password")
  }
}
