import Synchronization

/// The profiles by which predictions were lately drawn: a hint of what is to be read, never an answer.
final class RecentProfiles: Sendable {
  /// Whose profile, its name there, whether it is asked for as a public one, and who pays.
  struct Key: Hashable, Sendable {
    let accountID: String
    let name: String
    let isPublic: Bool
    let payer: String
  }

  private static let limit = 1_000
  private let profiles = Mutex<[Key: DataProfile]>([:])

  func profile(_ key: Key) -> DataProfile? { profiles.withLock { $0[key] } }

  func remember(_ profile: DataProfile, under key: Key) {
    profiles.withLock { profiles in
      // Whichever goes comes back with its next prediction.
      if profiles[key] == nil, profiles.count >= Self.limit, let other = profiles.first { profiles[other.key] = nil }
      profiles[key] = profile
    }
  }

  func forget(_ key: Key) {
    profiles.withLock { $0[key] = nil }
  }
}
