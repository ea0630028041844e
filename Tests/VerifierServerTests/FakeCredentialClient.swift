import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TokenDomain

/// A token service that gives the same answer to every look-up.
final class FakeTokenService: UnaryCaller {
  typealias Question = (
    method: MethodDescriptor, request: Temporis_Token_V1_LookupCredentialsRequest, metadata: Metadata, timeout: Duration
  )

  private let questions = Mutex<[Question]>([])
  private let answer: Result<[UInt8], RPCError>

  /// Answers with these bytes, or fails.
  init(_ answer: Result<[UInt8], RPCError>) {
    self.answer = answer
  }

  /// Answers with these credentials.
  convenience init(
    _ credentials: Temporis_Token_V1_Credential?..., position: LogPosition? = LogPosition(revision: 7, tag: 9)
  ) throws {
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
    self.init(.success(try response.serializedBytes()))
  }

  var asked: [Question] { questions.withLock(\.self) }

  func call(
    _ method: MethodDescriptor, _ message: [UInt8], metadata: Metadata, timeout: Duration,
    completion: @escaping Nghttp2ClientTransport.UnaryCompletion
  ) {
    do {
      let request = try Temporis_Token_V1_LookupCredentialsRequest(serializedBytes: message)
      questions.withLock { $0.append((method, request, metadata, timeout)) }
      completion(answer)
    } catch {
      completion(.failure(RPCError(code: .internalError, message: "The question is no message: \(error).")))
    }
  }
}

/// A token service that takes reports of refusals, or fails.
final class FakeCredentialClient: Temporis_Token_V1_CredentialService.ClientProtocol {
  private let refusals = Mutex<[Temporis_Token_V1_ReportRefusalsRequest]>([])
  private let error: RPCError?

  init(error: RPCError? = nil) {
    self.error = error
  }

  var reported: [Temporis_Token_V1_ReportRefusalsRequest] { refusals.withLock(\.self) }

  func lookupCredential<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_LookupCredentialRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_LookupCredentialRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_LookupCredentialResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_LookupCredentialResponse>) async throws -> Result
  ) async throws -> Result {
    try await onResponse(ClientResponse(error: RPCError(code: .unimplemented, message: "Not asked here.")))
  }

  func lookupCredentials<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_LookupCredentialsRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_LookupCredentialsRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_LookupCredentialsResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_LookupCredentialsResponse>) async throws -> Result
  ) async throws -> Result {
    try await onResponse(ClientResponse(error: RPCError(code: .unimplemented, message: "Not asked here.")))
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
