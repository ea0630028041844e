/// A dictionary that holds a bounded number of entries and forgets those that were not written for the longest time.
///
/// It keeps two halves. When the newer one is full, the older one is dropped and the newer takes its place: each step
/// costs the same however many entries there are, and the last half of the entries written is always there.
struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let half: Int
  private var newer: [Key: Value] = [:]
  private var older: [Key: Value] = [:]

  /// Makes an empty table of at most this many entries, and at least two.
  init(capacity: Int) {
    half = max(capacity / 2, 1)
  }

  /// The number of entries.
  var count: Int { newer.count + older.count }

  /// The value of a key; writing it makes the entry the newest.
  subscript(key: Key) -> Value? {
    get { newer[key] ?? older[key] }
    set {
      older[key] = nil
      if newValue != nil, newer[key] == nil, newer.count >= half {
        older = newer
        newer = [:]
      }
      newer[key] = newValue
    }
  }
}
