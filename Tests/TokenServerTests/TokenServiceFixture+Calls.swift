import GRPCCore
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

extension TokenServiceFixture {
  @discardableResult
  func createAccount(
    _ email: String, password: String = password, key: String = ""
  ) async throws -> Temporis_Token_V1_Account {
    var request = Temporis_Token_V1_CreateAccountRequest()
    request.email = email
    request.password = password
    request.idempotencyKey = key
    return try await accounts.createAccount(request: request, context: .test).account
  }

  /// Signs in, from this IP address if one is given.
  func signIn(
    _ email: String, password: String = password, from client: String? = nil, endingOthers: Bool = false
  ) async throws -> Temporis_Token_V1_CreateSessionResponse {
    var request = Temporis_Token_V1_CreateSessionRequest()
    request.email = email
    request.password = password
    request.endOthers = endingOthers
    return try await ClientAddress.$current.withValue(client.flatMap(ClientAddress.init(_:))) {
      try await accounts.createSession(request: request, context: .test)
    }
  }

  func signOut(_ principal: Principal) async throws {
    _ = try await Principal.$current.withValue(principal) {
      try await accounts.deleteSession(request: .init(), context: .test)
    }
  }

  /// Creates an account, signs in, and returns for whom the session acts.
  func principal(_ email: String) async throws -> Principal {
    try await createAccount(email)
    return try await principal(secret: try await signIn(email).secret)
  }

  func principal(secret: String) async throws -> Principal {
    guard case .valid(let principal) = try await verdict(secret) else { throw SettingError("not valid") }
    return principal
  }

  func verdict(_ secret: String, permission: Permission? = nil) async throws -> Verdict {
    try await verifier.verify(authorization: "Bearer \(secret)", permission: permission)
  }

  func createToken(
    _ name: String = "token", for principal: Principal, permissions: [Temporis_Token_V1_Permission] = [],
    lifetime: Int64? = nil, key: String = ""
  ) async throws -> Temporis_Token_V1_CreateAccessTokenResponse {
    var request = Temporis_Token_V1_CreateAccessTokenRequest()
    request.name = name
    request.permissions = permissions
    if let lifetime { request.lifetime.seconds = lifetime }
    request.idempotencyKey = key
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.createAccessToken(request: request, context: .test)
    }
  }

  func getToken(_ id: String, for principal: Principal) async throws -> Temporis_Token_V1_AccessToken {
    var request = Temporis_Token_V1_GetAccessTokenRequest()
    request.accessTokenID = id
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.getAccessToken(request: request, context: .test).accessToken
    }
  }

  func listTokens(
    for principal: Principal, size: Int32 = 0, page: String = ""
  ) async throws -> Temporis_Token_V1_ListAccessTokensResponse {
    var request = Temporis_Token_V1_ListAccessTokensRequest()
    request.pageSize = size
    request.pageToken = page
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.listAccessTokens(request: request, context: .test)
    }
  }

  func lookUp(_ secret: String) async throws -> Temporis_Token_V1_LookupCredentialResponse {
    var request = Temporis_Token_V1_LookupCredentialRequest()
    request.secretSha256.append(contentsOf: SecretHash(try #require(Secret(secret))).bytes)
    return try await credentials.lookupCredential(request: request, context: .test)
  }

  /// The number that an SQL query answers, asked as the owner.
  func count(_ sql: String, _ parameters: PostgresValue...) async throws -> Int {
    try #require(try await owner.query(sql, parameters: parameters).first).decode(0)
  }

  /// Expects a refusal for this reason, because of this field if one is named.
  func expect(
    _ reason: ServiceError.Reason, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
  ) async {
    do {
      try await body()
      Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch {
      // What callers receive, as the servers' boundary converts it.
      let received = (error as? any ServiceErrorConvertible)?.serviceError ?? error
      guard let refusal = received as? ServiceError else {
        Issue.record(received, sourceLocation: sourceLocation)
        return
      }
      #expect(refusal.reason == reason, sourceLocation: sourceLocation)
      if let field { #expect(refusal.violations.map(\.field) == [field], sourceLocation: sourceLocation) }
    }
  }
}
