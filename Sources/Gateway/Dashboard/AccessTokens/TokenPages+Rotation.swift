import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

extension TokenPages {
  /// The page that asks how long the present secret works on. A day is enough for most to change it where it is used.
  func rotationPage(
    _ request: MemberRequest, grace: String = RotationGrace.day.rawValue, errors: FormErrors? = nil
  ) async throws -> DashboardResponse {
    let token = try await request.token()
    let view = TokenRotationView(
      token, now: request.now, key: Base62.random(count: 22), grace: grace, errors: errors)
    return .page(
      .tokenRotation, title: "Rotate \(token.name)", section: .tokens, status: errors?.status ?? .ok, content: view)
  }

  func rotate(_ request: MemberRequest) async throws -> DashboardResponse {
    let text = request.form.text("grace")
    var message = Temporis_Token_V1_RotateAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    message.idempotencyKey = request.form["key"]
    do {
      guard let grace = RotationGrace(rawValue: text), let seconds = Int64(grace.rawValue) else {
        throw FormErrors(["grace": "Choose one of these."])
      }
      message.grace = Google_Protobuf_Duration(seconds: seconds)
      let rotated = try await confirmed { [message] in try await request.services.tokens.rotateAccessToken(message) }
      if rotated.secretAlreadyShown { return secretShown(rotated.accessToken, request, isRotation: true) }
      let view = SecretView(
        rotated.accessToken, secret: rotated.secret, now: request.now, rotation: rotated.receipt)
      return .page(.tokenCreated, title: "Access token rotated", section: .tokens, content: view)
    } catch  where ServiceError(anyOf: error)?.reason == .idempotencyKeyReused {
      return try await rotationPage(request, grace: text, errors: .rotatedBefore)
    } catch {
      let errors = try FormErrors.reading(error, .invalidArgument, fields: ["grace": "grace"])
      return try await rotationPage(request, grace: text, errors: errors)
    }
  }
}

extension FormErrors {
  /// The form of a rotation that was sent before, with another choice.
  fileprivate static let rotatedBefore = FormErrors(
    general: "This form was sent before with another choice, and the token got its new secret then. Nothing was "
      + "changed now. Rotate the token again only if it is to get yet another secret.", status: .conflict)
}
