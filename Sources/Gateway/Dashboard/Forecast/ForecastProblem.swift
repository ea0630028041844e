import Hummingbird
import ServiceKit
import TemporisAPI

/// Why there is no forecast, and the way out.
struct ForecastProblem: Sendable {
  let status: HTTPResponse.Status
  let text: String
  /// The page where it can be put right.
  var link: Link?

  /// A page, and what it is for.
  struct Link: Sendable {
    let path: String
    let text: String
  }

  /// Fields need another look.
  static func fields(_ count: Int) -> ForecastProblem {
    ForecastProblem(
      status: .unprocessableContent,
      text: count == 1
        ? "Nothing was drawn: one field needs another look." : "Nothing was drawn: \(count) fields need another look.")
  }

  /// No profile has the name that was asked for.
  static let unknownProfile = ForecastProblem(
    status: .notFound, text: "Nothing was drawn, and nothing was charged: there is no such profile.")

  /// The form was made long ago, or by nobody.
  static let staleForm = ForecastProblem(
    status: .conflict,
    text: "This form was too old to be sent again, and nothing was drawn or charged. It is a new one now: "
      + "Draw forecast draws and charges a new forecast.")

  /// A fault, after which nobody knows whether a forecast was drawn.
  static let failed = ForecastProblem(
    status: .badGateway,
    text: "The prediction failed on our side. Try again in a moment with the button below: "
      + "the same form is charged once at most.")

  /// Explains a service's refusal. `nil` for what is no refusal of a prediction: the session has ended, for one.
  /// - Parameters:
  ///   - shape: What the profile makes of a forecast, if that is known.
  init?(_ refusal: ServiceError, profile: String, shape: Temporis_Predict_V1_ForecastShape?) {
    let isPublic = profile.hasPrefix(ForecastForm.publicPrefix)
    let profileLink =
      isPublic ? nil : Link(path: ProfileRow.path(of: profile), text: "See what \(profile) is missing")
    switch refusal.reason {
    case .cardMissing:
      self.init(
        status: .paymentRequired, text: "Predictions need a card on file. Nothing was charged.",
        link: Link(path: "/dashboard/billing", text: "Add a card in Billing"))
    case .paymentFailed:
      self.init(
        status: .paymentRequired,
        text: "The last charge of your card failed, and predictions are refused until another one is on file.",
        link: Link(path: "/dashboard/billing", text: "Put another card on file in Billing"))
    case .dataProfileNotReady:
      let needed = shape.map {
        " It needs \(Count.text($0.readyPoints, "grid point", "grid points")) at which every series has a value."
      }
      self.init(
        status: .notFound, text: "The profile is not ready to serve.\(needed ?? "") Nothing was charged.",
        link: profileLink)
    case .notEnoughData:
      let needed = shape.map { shape in
        "\(Count.text(shape.servingPoints, "recent grid point", "recent grid points")) (min_patches × patch_len)"
      }
      self.init(
        status: .conflict,
        text:
          "There is not enough recent data: a forecast needs at least \(needed ?? "min_patches × patch_len points"), "
          + "and some of its steps outside the exclude window. Nothing was charged.", link: profileLink)
    case .rateLimited, .engineBusy:
      let seconds = Count.text(refusal.waitSeconds, "second", "seconds")
      self.init(
        status: .tooManyRequests,
        text: "Too many predictions are being drawn just now. Try again in \(seconds); nothing was charged.")
    case .invalidArgument, .invalidPredictionParameters:
      self.init(
        status: .unprocessableContent,
        text: "This forecast is refused, and nothing was charged. \(refusal.sentence)")
    case .idempotencyKeyReused: self = .staleForm
    case .unavailable: self = .failed
    default: return nil
    }
  }

  private init(status: HTTPResponse.Status, text: String, link: Link? = nil) {
    self.status = status
    self.text = text
    self.link = link
  }
}
