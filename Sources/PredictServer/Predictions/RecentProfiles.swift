import Synchronization

/// The profiles as predictions have lately found them: a hint of what is to be read, never an answer.
final class RecentProfiles: Sendable {
  /// Whose profile, and its name there.
  struct Key: Hashable, Sendable {
    let accountID: String
    let name: String
  }

  private static let limit = 1_000
  private let profiles = Mutex<[Key: DataProfile]>([:])

  func profile(_ key: Key) -> DataProfile? { profiles.withLock { $0[key] } }

  func remember(_ profile: DataProfile, under key: Key) {
    profiles.withLock { profiles in
      // They come back with the next predictions.
      if profiles.count >= Self.limit { profiles.removeAll() }
      profiles[key] = profile
    }
  }

  func forget(_ key: Key) {
    profiles.withLock { $0[key] = nil }
  }
}
