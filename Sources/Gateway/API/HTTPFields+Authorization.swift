import HTTPTypes
import TokenDomain

extension HTTPFields {
  /// The longest token that a service is asked about, in bytes: several times a real one, and far below what a header
  /// of a call may hold.
  private static let tokenLimit = 256

  /// The `Authorization` header, worth asking a service about: the scheme, one space, the token.
  ///
  /// A value that cannot hold a token is refused here, by the services' own grammar. So is a dashboard session, which
  /// the services take but the public API does not.
  /// - Throws: ``APIError``, a 401.
  func authorization() throws(APIError) -> String {
    guard case .bearer(let token) = AuthorizationHeader(self[.authorization] ?? "") else { throw .missingAccessToken }
    guard !token.hasPrefix("tss_"), token.utf8.count <= Self.tokenLimit else { throw .invalidAccessToken }
    return "Bearer " + token
  }
}
