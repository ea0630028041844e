/// A hash index with open addressing: from the hashes of keys to the numbers of entries that are kept elsewhere.
///
/// A slot holds half of the hash beside the number, so that entries are looked at only when they are probably meant,
/// and never when the index grows. Several entries may have the same key. Whoever chooses keys must not be able to
/// choose hashes: see ``IndexSeed``.
package struct HashIndex: Sendable {
  /// The most slots for each entry at the greatest size: a search ends at an empty one.
  private static let slotsPerEntry = (numerator: 4, denominator: 3)
  private static let firstSize = 64

  /// The hash's low half, and the number plus one; 0 in an empty slot.
  private var slots: [UInt64] = []
  private let greatestSize: Int
  /// How many entries there are.
  package private(set) var count = 0

  /// Makes an index for at most `capacity` entries.
  package init(capacity: Int) {
    greatestSize = capacity * Self.slotsPerEntry.numerator / Self.slotsPerEntry.denominator + 1
  }

  /// The first entry with this hash that `isMeant`.
  package func first(_ hash: UInt64, where isMeant: (Int) -> Bool) -> Int? {
    guard count > 0 else { return nil }
    let tag = UInt32(truncatingIfNeeded: hash)
    var slot = home(of: tag)
    while slots[slot] != 0 {
      if Self.tag(slots[slot]) == tag, isMeant(Self.entry(slots[slot])) { return Self.entry(slots[slot]) }
      slot = next(slot)
    }
    return nil
  }

  /// Adds an entry. The index must not be full.
  package mutating func insert(_ entry: Int, hash: UInt64) {
    if (count + 1) * Self.slotsPerEntry.numerator > slots.count * Self.slotsPerEntry.denominator { grow() }
    place(UInt64(UInt32(truncatingIfNeeded: hash)) << 32 | UInt64(entry + 1))
    count += 1
  }

  /// Removes an entry that was added with this hash.
  package mutating func remove(_ entry: Int, hash: UInt64) {
    guard count > 0 else { return }
    let value = UInt64(UInt32(truncatingIfNeeded: hash)) << 32 | UInt64(entry + 1)
    var slot = home(of: Self.tag(value))
    while slots[slot] != value {
      if slots[slot] == 0 { return }
      slot = next(slot)
    }
    count -= 1
    // What follows moves up, unless it would come to stand before its home.
    var hole = slot
    slot = next(slot)
    while slots[slot] != 0 {
      if distance(from: home(of: Self.tag(slots[slot])), to: slot) >= distance(from: hole, to: slot) {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = next(slot)
    }
    slots[hole] = 0
  }

  /// Removes all entries, and their memory.
  package mutating func removeAll() {
    slots = []
    count = 0
  }

  /// The most slots that the search for an entry looks at.
  package var longestSearch: Int {
    slots.indices.filter { slots[$0] != 0 }.map { distance(from: home(of: Self.tag(slots[$0])), to: $0) + 1 }.max() ?? 0
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: min(max(old.count * 2, Self.firstSize), greatestSize))
    for value in old where value != 0 { place(value) }
  }

  private mutating func place(_ value: UInt64) {
    var slot = home(of: Self.tag(value))
    while slots[slot] != 0 { slot = next(slot) }
    slots[slot] = value
  }

  private static func tag(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
  private static func entry(_ value: UInt64) -> Int { Int(value & 0xFFFF_FFFF) - 1 }
  private func home(of tag: UInt32) -> Int { Int((UInt64(tag) * UInt64(slots.count)) >> 32) }
  private func next(_ slot: Int) -> Int { slot + 1 == slots.count ? 0 : slot + 1 }
  private func distance(from start: Int, to end: Int) -> Int { end >= start ? end - start : end - start + slots.count }
}
