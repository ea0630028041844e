package import GRPCCore
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

extension AccountHandler {
  package func changePassword(
    request: Temporis_Token_V1_ChangePasswordRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ChangePasswordResponse {
    let principal = try Principal.requiredSession()
    let password = try Password(new: request.newPassword, field: "new_password")
    let record = try await signInRecord(of: principal, request.currentPassword)
    let client = ClientAddress.current
    let hash = try await hasher.hash(password, as: .signIn, for: client)
    let session = try await store.changePassword(
      record, to: hash, for: principal, lifetime: sessionLifetime, from: client)
    var response = Temporis_Token_V1_ChangePasswordResponse()
    response.secret = session.secret.revealed
    response.expireTime = Google_Protobuf_Timestamp(session.expireTime)
    return response
  }

  /// The stored sign-in of the principal's account, whose password this is.
  ///
  /// It counts apart from sign-ins: strangers who fail at the address keep nobody who is signed in from a new password.
  ///
  /// - Throws: ``ServiceError`` `signInFailed` when it is another, `rateLimited` when too many were wrong before.
  private func signInRecord(of principal: Principal, _ password: String) async throws -> SignInRecord {
    // The credential was checked a moment ago, so an account that is gone is no refusal of the caller.
    guard let account = try await store.account(principal.accountID), let email = EmailAddress(account.email) else {
      throw ServiceError(.unavailable)
    }
    do {
      // Counted by session: who has one cannot keep the owner, who signs in anew, from changing the password. No
      // address looks like the key: each has an @.
      guard let password = Password(password),
        let record = try await signInRecord(email, password, countedBy: "change:" + principal.credentialID)
      else {
        refusals.notePasswordChange(by: principal)
        throw ServiceError.wrongPassword
      }
      return record
    } catch let refusal as SignInRefusal {
      throw ServiceError(refusal, at: "Too many wrong passwords in this session.")
    }
  }
}

extension Password {
  /// Checks a password that is to be stored.
  ///
  /// - Parameter field: The request's field that holds it.
  /// - Throws: ``ServiceError`` `invalidArgument` that names the field.
  init(new text: String, field: String) throws(ServiceError) {
    guard let password = Password(text) else { throw ServiceError(violating: field, "must be 8 to 256 bytes long") }
    self = password
  }
}

extension ServiceError {
  /// The current password is another one, or is so by now.
  static let wrongPassword = ServiceError(.signInFailed, "The current password is wrong.")
}
