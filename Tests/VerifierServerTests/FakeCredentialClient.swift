import GRPCCore
import GRPCNghttp2Transport
import Synchronization
import TemporisAPI
import TokenDomain

/// A token service that answers always the same.
final class FakeCredentialClient: Temporis_Token_V1_CredentialService.ClientProtocol {
  private let questions = Mutex<[(Temporis_Token_V1_LookupCredentialsRequest, Duration?)]>([])
  private let refusals = Mutex<[Temporis_Token_V1_ReportRefusalsRequest]>([])
  private let credentials: [Temporis_Token_V1_Credential?]
  private let position: LogPosition?
  private let error: RPCError?

  init(
    _ credentials: Temporis_Token_V1_Credential?..., position: LogPosition? = LogPosition(revision: 7, tag: 9),
    error: RPCError? = nil
  ) {
    self.credentials = credentials
    self.position = position
    self.error = error
  }

  var asked: [(Temporis_Token_V1_LookupCredentialsRequest, Duration?)] { questions.withLock(\.self) }
  var reported: [Temporis_Token_V1_ReportRefusalsRequest] { refusals.withLock(\.self) }

  func lookupCredential<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_LookupCredentialRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_LookupCredentialRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_LookupCredentialResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_LookupCredentialResponse>) async throws -> Result
  ) async throws -> Result {
    try await onResponse(ClientResponse(error: RPCError(code: .unimplemented, message: "Several are asked for.")))
  }

  func lookupCredentials<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_LookupCredentialsRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_LookupCredentialsRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_LookupCredentialsResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_LookupCredentialsResponse>) async throws -> Result
  ) async throws -> Result {
    let rest = CallDeadline.current.map { ContinuousClock.now.duration(to: $0) }
    questions.withLock { $0.append((request.message, rest)) }
    if let error { return try await onResponse(ClientResponse(error: error)) }
    var response = Temporis_Token_V1_LookupCredentialsResponse()
    response.results = credentials.map { credential in
      var result = Temporis_Token_V1_CredentialResult()
      if let credential { result.credential = credential }
      return result
    }
    if let position {
      response.position.revision = position.revision
      response.position.tag = position.tag
    }
    return try await onResponse(ClientResponse(message: response))
  }

  func reportRefusals<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_ReportRefusalsRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_ReportRefusalsRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_ReportRefusalsResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_ReportRefusalsResponse>) async throws -> Result
  ) async throws -> Result {
    refusals.withLock { $0.append(request.message) }
    if let error { return try await onResponse(ClientResponse(error: error)) }
    return try await onResponse(ClientResponse(message: Temporis_Token_V1_ReportRefusalsResponse()))
  }
}
