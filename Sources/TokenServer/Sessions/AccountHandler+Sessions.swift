package import GRPCCore
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import Synchronization
package import TemporisAPI
import TokenDomain

extension AccountHandler {
  package func createSession(
    request: Temporis_Token_V1_CreateSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateSessionResponse {
    // What breaks a rule belongs to no account; to say so quickly tells nothing about any.
    guard let email = EmailAddress(request.email), let password = Password(request.password),
      let record = try await signInRecord(email, password)
    else { throw ServiceError(.signInFailed) }
    if record.isSuspended {
      refusals.note(.refused, of: email)
      throw ServiceError(.signInFailed)
    }
    let client = ClientAddress.current
    let session =
      request.endOthers
      ? try await store.createOnlySession(for: record, lifetime: sessionLifetime, from: client)
      : try await store.createSession(for: record, lifetime: sessionLifetime, from: client)
    var response = Temporis_Token_V1_CreateSessionResponse()
    response.secret = session.secret.revealed
    response.account = Temporis_Token_V1_Account(record.account)
    response.expireTime = Google_Protobuf_Timestamp(session.expireTime)
    return response
  }

  package func listSessions(
    request: Temporis_Token_V1_ListSessionsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListSessionsResponse {
    let principal = try Principal.required()
    let page = try await store.sessions(
      of: principal.accountID, page: try PageRequest(size: request.pageSize, token: request.pageToken))
    var response = Temporis_Token_V1_ListSessionsResponse()
    response.sessions = page.items.map { Temporis_Token_V1_Session($0, currentID: principal.credentialID) }
    response.nextPageToken = page.nextToken
    return response
  }

  package func deleteSession(
    request: Temporis_Token_V1_DeleteSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionResponse {
    let principal = try Principal.requiredSession()
    let id = request.sessionID.isEmpty ? principal.credentialID : request.sessionID
    try await store.deleteSession(id, for: principal)
    return Temporis_Token_V1_DeleteSessionResponse()
  }

  package func deleteSessions(
    request: Temporis_Token_V1_DeleteSessionsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionsResponse {
    try await store.deleteSessions(keepingOwn: request.keepCurrent, for: try Principal.requiredSession())
    return Temporis_Token_V1_DeleteSessionsResponse()
  }

  /// The stored sign-in of an address and a password that belong together; `nil` when they do not.
  ///
  /// Counts against what the address and the client may try, and for the account's audit records.
  func signInRecord(_ email: EmailAddress, _ password: Password) async throws -> SignInRecord? {
    do {
      let record = try await signInRecord(email, password, countedBy: email.key)
      if record == nil { refusals.note(.refused, of: email) }
      return record
    } catch let refusal as SignInRefusal {
      refusals.note(.throttled, of: email)
      throw ServiceError(refusal, at: "Too many failed sign-ins for this address.")
    }
  }

  /// The stored sign-in of an address and a password that belong together; `nil` when they do not.
  ///
  /// - Parameter key: What the attempt counts against, besides the client.
  /// - Throws: ``SignInRefusal`` when too many failed before.
  func signInRecord(
    _ email: EmailAddress, _ password: Password, countedBy key: String
  ) async throws -> SignInRecord? {
    let client = ClientAddress.current
    if let refusal = throttle.withLock({ $0.attempt(key, from: client, at: .now) }) { throw refusal }
    do {
      let record = try await store.signIn(email)
      let isRight = try await hasher.verify(password, against: record?.passwordHash, for: client)
      guard isRight, let record else { return nil }
      throttle.withLock { $0.succeeded(key, from: client, at: .now) }
      return record
    } catch {
      // Neither a fault nor a full queue says anything about the password.
      throttle.withLock { $0.withdrawn(key, from: client, at: .now) }
      throw error
    }
  }
}

extension Principal {
  /// The principal of the call that runs in this task, which only a dashboard session may make.
  ///
  /// - Throws: ``ServiceError`` when the call was not authenticated, or came with an access token.
  static func requiredSession() throws(ServiceError) -> Principal {
    let principal = try required()
    guard principal.kind == .dashboardSession else { throw ServiceError(.sessionRequired) }
    return principal
  }
}

extension ServiceError {
  /// Creates the error of an attempt that has to wait.
  ///
  /// - Parameter message: What is said unless it is the network that has failed too often.
  init(_ refusal: SignInRefusal, at addressMessage: String) {
    let message =
      switch refusal.limit {
      case .address: addressMessage
      case .client: "Too many failed sign-ins from this network."
      }
    self.init(.rateLimited, message, retryAfter: refusal.wait)
  }
}
