import ServiceKit
import TokenDomain

/// The data profiles of the operator's account that it has published: every account may have them forecast.
struct PublicProfiles: Sendable {
  /// What their names begin with. No name of an account's own profile can hold the slash.
  static let prefix = "temporis/"

  /// `nil`: there is no operator, and so no public profile.
  let operatorAccount: String?
  let store: DataProfileStore

  /// The name within the operator's account that a public name means; `nil` for a name that is not public.
  static func name(in publicName: String) -> String? {
    publicName.hasPrefix(prefix) ? String(publicName.dropFirst(prefix.count)) : nil
  }

  /// Whether an account is the operator's.
  func isOperator(_ accountID: String) -> Bool { operatorAccount == accountID }

  /// One more public profile than the page holds, where there are as many, by name.
  func list(_ page: PageRequest) async throws -> [DataProfile] {
    guard let operatorAccount else { return [] }
    return try await store.list(page, accountID: operatorAccount, isPublic: true)
  }

  /// Makes a profile of the operator's public, or public no longer.
  ///
  /// - Throws: `permissionDenied` for every account but the operator's, whatever it names; `dataProfileNotFound`.
  func setPublished(_ isPublished: Bool, name: String, by principal: Principal) async throws -> DataProfile {
    guard isOperator(principal.accountID) else {
      throw ServiceError(.permissionDenied, "Only the operator's account publishes data profiles.")
    }
    return try await store.setPublished(isPublished, name: name, accountID: principal.accountID)
  }
}
