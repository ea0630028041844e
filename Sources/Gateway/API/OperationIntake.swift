import HTTPTypes
import TokenDomain

/// What every operation of the API begins with: whose request it is, whether anybody waits for the answer, and a body
/// that can be used.
///
/// A 401 comes before every other answer, so callers are authorized here whose requests the gateway itself refuses, or
/// which cost it memory before it can forward them. A forwarded request is authorized by the service that handles it,
/// whatever was found here.
struct OperationIntake: Sendable {
  /// A request to forward.
  struct Accepted<Body: Sendable>: Sendable {
    /// The caller's `Authorization` header.
    let authorization: String
    /// The client that waits for the answer.
    let client: ClientPresence
    let body: Body
  }

  let operation: Operation
  let verifier: any AuthorizationVerifier
  private let parsing = ParsingQueue()

  /// Takes requests for `operation`, and asks `verifier` about the callers of those that are not forwarded.
  init(_ operation: Operation, verifier: any AuthorizationVerifier) {
    self.operation = operation
    self.verifier = verifier
  }

  /// Accepts a request whose body `parse` takes.
  /// - Throws: ``APIError``: what is wrong with the caller, or else with the body; ``BodyReader/ConnectionError`` when
  ///   the client has left.
  func accept<Body: Sendable>(
    _ request: APIRequest, parse: @escaping @Sendable ([UInt8]) throws(APIError) -> Body
  ) async throws -> Accepted<Body> {
    let authorization = try request.headers.authorization()
    let client = try await request.context.channel.clientPresence()
    do {
      let body = try await parsing.parse(request.body.get(), from: client, by: parse)
      return Accepted(authorization: authorization, client: client, body: body)
    } catch let error as APIError {
      _ = try await account(of: request.headers)
      throw error
    }
  }

  /// The account of a caller who may ask for the operation.
  /// - Throws: The 401 or 403 of any other, the 429 of one who has tried too many tokens, or the operation's 502 when
  ///   the verifier does not answer.
  @Sendable func account(of headers: HTTPFields) async throws(APIError) -> String {
    let authorization = try headers.authorization()
    let verdict: Verdict
    do {
      verdict = try await verifier.verify(authorization: authorization, permission: operation.permission)
    } catch {
      throw APIError(error, during: operation)
    }
    switch verdict {
    case .valid(let principal) where principal.kind == .dashboardSession: throw .invalidAccessToken
    case .valid(let principal): return principal.accountID
    case .missing: throw .missingAccessToken
    case .invalid: throw .invalidAccessToken
    case .permissionDenied: throw .permissionDenied
    }
  }
}
