import GRPCCore
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TokenDomain

/// The services behind the dashboard: what they hold, whom they know, and what they were asked.
final class FakeServices: Sendable {
  /// What they hold.
  struct State: Sendable {
    var email = "ada@example.com"
    /// The secret of the one session that works.
    var session = Secret(kind: .dashboardSession).revealed
    var sessions: [Temporis_Token_V1_Session] = []
    /// The sign-ins that were asked for, in order.
    var signIns: [Temporis_Token_V1_CreateSessionRequest] = []
    /// The passwords that were asked for, in order.
    var passwordChanges: [Temporis_Token_V1_ChangePasswordRequest] = []
    var tokens: [Temporis_Token_V1_AccessToken] = []
    var auditRecords: [Temporis_Token_V1_AuditRecord] = []
    /// What each access token was billed in the last 24 hours.
    var credentialUsage = Temporis_Billing_V1_GetCredentialUsageResponse()
    var sources: [Temporis_Predict_V1_DataSource] = []
    var series: [Temporis_Predict_V1_Series] = []
    var profiles: [Temporis_Predict_V1_DataProfile] = []
    var publicProfiles: [Temporis_Predict_V1_PublicDataProfile] = []
    /// What the engine would read of any profile.
    var context = Temporis_Predict_V1_GetDataProfileContextResponse()
    /// How many points of it were asked for.
    var contextLimits: [Int32] = []
    var card: Temporis_Billing_V1_PaymentMethod?
    var charges: [Temporis_Billing_V1_Charge] = []
    var nanoDollars: Int64 = 6_400
    var priceNanoDollars: Int64 = 20
    /// What was deleted of the data sources.
    var deletions: [Temporis_Predict_V1_DeleteRecordsRequest] = []
    /// The keys of tokens that were created or rotated.
    var keys: Set<String> = []
    /// What is thrown in place of an answer, by the method's name.
    var refusals: [String: any Error & Sendable] = [:]
    /// The methods that answer nothing until the silence ends.
    var silent: Set<String> = []
    /// What the calls of these wait for.
    var silences: [AsyncStream<Void>.Continuation] = []
    /// The methods that were called, in order, those refused included.
    var calls: [String] = []
    /// The addresses of clients that came with the calls.
    var clientAddresses: [String] = []
  }

  /// The password of the one account.
  static let password = "correct horse"

  private let state = Mutex(State())
  /// The secret of the one session that works.
  var session: String { with { $0.session } }

  /// Reads or changes what they hold.
  @discardableResult
  func with<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
    state.withLock { body(&$0) }
  }

  /// Waits while a method is silent.
  func waitForWord(of method: String) async {
    let silence: AsyncStream<Void>? = with { state in
      guard state.silent.contains(method) else { return nil }
      let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
      state.silences.append(continuation)
      return stream
    }
    if let silence { for await _ in silence {} }
  }

  /// Lets silent methods answer.
  func endSilence() {
    with { state in
      state.silent = []
      for silence in state.silences { silence.finish() }
    }
  }

  /// The methods that change something and were called.
  var changes: [String] {
    with { state in
      let verbs = [
        "Create", "Delete", "Set", "Remove", "Archive", "Unarchive", "Update", "Rotate", "Disable", "Enable", "Change",
        "Publish", "Unpublish",
      ]
      return state.calls.filter { call in call != "DeleteRecords" && verbs.contains { call.hasPrefix($0) } }
        + state.deletions.map { _ in "DeleteRecords" }
    }
  }

  /// Every service.
  var all: [any RegistrableRPCService] {
    [
      FakeAccounts(services: self), FakeTokens(services: self), FakeSources(services: self),
      FakeProfiles(services: self), FakeBilling(services: self),
    ]
  }
}

/// Knows the session, writes down every call, and refuses what it was told to.
struct FakeGate: ServerInterceptor {
  let services: FakeServices

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let method = context.descriptor.method
    let refusal = services.with { state in
      state.calls.append(method)
      state.clientAddresses += request.metadata[stringValues: ClientAddress.metadataKey]
      return state.refusals[method]
    }
    let authorization = Array(request.metadata[stringValues: "authorization"])
    if !["CreateAccount", "CreateSession"].contains(method), authorization != ["Bearer \(services.session)"] {
      throw ServiceError(.accessTokenInvalid)
    }
    if let refusal { throw refusal }
    await services.waitForWord(of: method)
    return try await next(request, context)
  }
}
