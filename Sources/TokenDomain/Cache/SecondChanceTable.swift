/// What a ``SecondChanceTable`` keeps.
protocol SecondChanceEntry: Sendable {
  /// The key.
  var hash: SecretHash { get }
  /// Whether it was found since the hand passed.
  var isReferenced: Bool { get set }
}

/// A bounded table by the hash of a secret that makes room by second chance ("CLOCK", F. J. Corbató, "A Paging
/// Experiment with the Multics System", 1968): a hand goes round, spares once what was found since it passed, and takes
/// the first that was not.
struct SecondChanceTable<Entry: SecondChanceEntry>: Sendable {
  private let capacity: Int
  private let seed: IndexSeed
  /// By number; `nil` where one was removed.
  private(set) var entries: [Entry?] = []
  private var vacant: [Int32] = []
  private var index: HashIndex
  private var hand = 0

  /// Makes a table of at most `capacity` entries.
  init(capacity: Int, seed: IndexSeed) {
    self.capacity = max(capacity, 1)
    self.seed = seed
    index = HashIndex(capacity: self.capacity)
  }

  var count: Int { index.count }

  /// The number of the entry of a secret.
  func number(of hash: SecretHash) -> Int? {
    index.first(seed.place(of: hash)) { entries[$0]?.hash == hash }
  }

  /// The entry of a secret, which is spared by the hand once.
  mutating func find(_ hash: SecretHash) -> Entry? {
    guard let number = number(of: hash), let entry = entries[number] else { return nil }
    if !entry.isReferenced { entries[number]?.isReferenced = true }
    return entry
  }

  /// Adds the entry of a secret that has none.
  ///
  /// - Returns: The entry's number, and what had it before and had to make room.
  mutating func insert(_ entry: Entry) -> (number: Int, evicted: Entry?) {
    let (number, evicted) = makeRoom()
    entries[number] = entry
    index.insert(number, hash: seed.place(of: entry.hash))
    return (number, evicted)
  }

  /// Removes an entry.
  @discardableResult
  mutating func remove(_ number: Int) -> Entry? {
    guard let entry = take(number) else { return nil }
    vacant.append(Int32(number))
    return entry
  }

  /// Removes all entries. Their memory is kept, as it is soon needed again.
  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    vacant = []
    index.removeAll()
    hand = 0
  }

  private mutating func take(_ number: Int) -> Entry? {
    guard let entry = entries[number] else { return nil }
    entries[number] = nil
    index.remove(number, hash: seed.place(of: entry.hash))
    return entry
  }

  private mutating func makeRoom() -> (number: Int, evicted: Entry?) {
    if let number = vacant.popLast() { return (Int(number), nil) }
    if entries.count < capacity {
      // Not more than it may ever need: an array would round a large size up.
      if entries.count == entries.capacity { entries.reserveCapacity(min(capacity, max(entries.count * 2, 16))) }
      entries.append(nil)
      return (entries.count - 1, nil)
    }
    while entries[hand]?.isReferenced == true {
      entries[hand]?.isReferenced = false
      hand = hand + 1 == capacity ? 0 : hand + 1
    }
    let number = hand
    hand = hand + 1 == capacity ? 0 : hand + 1
    return (number, take(number))
  }
}
