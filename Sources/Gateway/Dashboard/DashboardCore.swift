import Hummingbird
import ServiceKit
import TemporisAPI

/// What every page is answered with.
struct DashboardCore: Sendable {
  let services: DashboardServices
  let origin: PublicOrigin
  let bodies: BodyReader
  let responses: AnswerResponses
  let faults: FaultLog

  /// The account that a session acts for.
  /// - Throws: The service's refusal when the session is none that works.
  func account(of session: Session) async throws -> Temporis_Token_V1_Account {
    let request = Temporis_Token_V1_GetAccountRequest()
    return try await services.accounts.getAccount(request, metadata: session.metadata).account
  }
}
