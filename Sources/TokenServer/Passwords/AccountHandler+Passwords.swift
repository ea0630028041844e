package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

extension AccountHandler {
  package func changePassword(
    request: Temporis_Token_V1_ChangePasswordRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ChangePasswordResponse {
    let principal = try Principal.requiredSession()
    let password = try Password(new: request.newPassword, field: "new_password")
    let record = try await signInRecord(of: principal, request.currentPassword)
    let hash = try await hasher.hash(password, for: ClientAddress.current)
    try await store.changePassword(record, to: hash, for: principal)
    return Temporis_Token_V1_ChangePasswordResponse()
  }

  /// The stored sign-in of the principal's account, whose password this is.
  ///
  /// - Throws: ``ServiceError`` `signInFailed` when it is another, `rateLimited` when too many were wrong before.
  private func signInRecord(of principal: Principal, _ password: String) async throws -> SignInRecord {
    // The credential was checked a moment ago, so an account that is gone is no refusal of the caller.
    guard let account = try await store.account(principal.accountID), let email = EmailAddress(account.email) else {
      throw ServiceError(.unavailable)
    }
    guard let password = Password(password), let record = try await signInRecord(email, password) else {
      throw ServiceError.wrongPassword
    }
    return record
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
