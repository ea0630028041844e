import Synchronization

/// The models that were fitted lately, so that predictions on rows that have not changed pay for drawing alone.
///
/// A model counts for as many changes of its source's rows as there were when they were read, or before: whoever finds
/// that there are more has rows that it was not fitted on. As each write that an ingest has answered is a change, a
/// prediction after it never gets an older model, on any replica.
final class FittedModels: Sendable {
  /// The most models, however small: whoever makes room looks at each of them once.
  private static let countLimit = 4_096

  private struct Entry {
    let model: any PredictionModel
    let revision: Int64
    let changes: Int64
    let accountID: String
    var lastUse: UInt64
  }

  private struct State {
    /// One a profile, by its id.
    var entries: [String: Entry] = [:]
    /// The bytes of each account's models, and of all.
    var sizes: [String: Int] = [:]
    var size = 0
    var uses: UInt64 = 0

    mutating func remove(_ profileID: String) {
      guard let entry = entries.removeValue(forKey: profileID) else { return }
      size -= entry.model.byteCount
      let left = (sizes[entry.accountID] ?? 0) - entry.model.byteCount
      sizes[entry.accountID] = left > 0 ? left : nil
    }

    /// Makes room: of the account with the most of them those go that were not used for longest, and at least an
    /// eighth of its models, so that this is not done for each that comes.
    mutating func makeRoom() {
      guard let largest = sizes.max(by: { $0.value < $1.value })?.key else { return }
      let own = entries.filter { $0.value.accountID == largest }.sorted { $0.value.lastUse < $1.value.lastUse }
      for (profileID, _) in own.prefix(max(1, own.count / 8)) { remove(profileID) }
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: The most bytes of all models.
  init(limit: Int) {
    self.limit = limit
  }

  /// Whether there is a model of the profile, of whatever rows.
  func mayKnow(_ profile: DataProfile) -> Bool {
    state.withLock { $0.entries[profile.id]?.revision == profile.revision }
  }

  /// The model of the rows that a profile's source had when the profile was read.
  func model(of profile: DataProfile) -> (any PredictionModel)? {
    state.withLock { state in
      guard let entry = state.entries[profile.id], let changes = profile.sourceChanges else { return nil }
      guard entry.revision == profile.revision, entry.changes == changes else {
        // Of a database that has lost its last changes it may be of rows that were never there.
        if entry.changes > changes { state.remove(profile.id) }
        return nil
      }
      state.uses += 1
      state.entries[profile.id]?.lastUse = state.uses
      return entry.model
    }
  }

  /// Keeps a model, in place of those that were not used for longest.
  ///
  /// - Parameters:
  ///   - changes: How many changes of the source's rows there were when they were read, or before.
  ///   - accountID: Whose prediction it was fitted for: the accounts share the memory.
  func keep(_ model: any PredictionModel, of profile: DataProfile, changes: Int64, for accountID: String) {
    state.withLock { state in
      // Another prediction may have read newer rows, or newer settings.
      if let entry = state.entries[profile.id],
        (entry.revision, entry.changes) > (profile.revision, changes)
      {
        return
      }
      state.remove(profile.id)
      // One that leaves no room for others would be gone with the next one.
      guard model.byteCount <= limit / 4 else { return }
      while state.size + model.byteCount > limit || state.entries.count >= Self.countLimit { state.makeRoom() }
      state.uses += 1
      state.entries[profile.id] = Entry(
        model: model, revision: profile.revision, changes: changes, accountID: accountID, lastUse: state.uses)
      state.size += model.byteCount
      state.sizes[accountID, default: 0] += model.byteCount
    }
  }

  /// Forgets a profile that is not as it was.
  func forget(_ profile: DataProfile) {
    state.withLock { $0.remove(profile.id) }
  }
}
