/// Values by the time at which they are due, added and removed in constant time: a hierarchical timing wheel (Varghese
/// and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987).
///
/// Time is counted in ticks since any beginning. A wheel has 64 slots: one of the lowest level is a tick, one of each
/// higher level as long as the whole wheel below it. A value waits in the lowest wheel that reaches to its time, and
/// moves down as that comes near, at most once a level. Nothing depends on how many values there are.
package struct TimerWheel<Value> {
  /// Names a value that was added. It names nothing once that is removed or due.
  package struct ID: Sendable, Hashable {
    fileprivate let index: Int32
    fileprivate let generation: UInt32
  }

  private struct Node {
    var value: Value?
    var tick: UInt64 = 0
    /// The neighbours in the list of its slot; among the free ones, `next` alone.
    var previous: Int32 = -1
    var next: Int32 = -1
    var level: Int8 = 0
    var slot: Int8 = 0
    var generation: UInt32 = 0
  }

  private struct Level {
    /// The first node of each slot; empty until the level is used.
    var heads: [Int32] = []
    /// A bit for each slot that has nodes.
    var occupied: UInt64 = 0
  }

  private static var bits: Int { 6 }
  private static var slots: Int { 1 << bits }
  /// Eight wheels of 64 slots: nine thousand years of milliseconds.
  private static var levelCount: Int { 8 }
  private static var lastTick: UInt64 { (1 << UInt64(bits * levelCount)) - 1 }
  /// How many nodes an empty wheel keeps the memory of.
  private static var keptNodes: Int { 1024 }

  private var nodes: [Node] = []
  private var free: Int32 = -1
  /// The first generation of new nodes.
  private var firstGeneration: UInt32 = 0
  private var levels = [Level](repeating: Level(), count: levelCount)
  /// The tick up to which everything that is due was taken.
  private var now: UInt64

  /// The number of values.
  package private(set) var count = 0

  /// Creates an empty wheel whose time begins at a tick, below 2^48 like all others.
  package init(now: UInt64) {
    self.now = min(now, Self.lastTick - 1)
  }

  /// Adds a value that is due at `tick`; at the next tick if that is over.
  package mutating func add(_ value: Value, at tick: UInt64) -> ID {
    let index = self.takeNode()
    self.nodes[Int(index)].value = value
    self.nodes[Int(index)].tick = min(max(tick, self.now + 1), Self.lastTick)
    self.link(index)
    self.count += 1
    return ID(index: index, generation: self.nodes[Int(index)].generation)
  }

  /// Removes a value and returns it; nil when it was due or removed before.
  @discardableResult
  package mutating func remove(_ id: ID) -> Value? {
    guard Int(id.index) < self.nodes.count, self.nodes[Int(id.index)].generation == id.generation,
      self.nodes[Int(id.index)].value != nil
    else { return nil }
    self.unlink(id.index)
    return self.release(id.index)
  }

  /// A tick by which ``takeDue(upTo:)`` is to be called; nil without values. It may come before anything is due.
  package var nextTick: UInt64? {
    var next: UInt64?
    for level in 0..<Self.levelCount {
      if let (tick, _) = self.nextSlot(level) { next = min(next ?? tick, tick) }
    }
    return next
  }

  /// Removes the values that are due by `tick` and returns them, the earlier ones first.
  package mutating func takeDue(upTo tick: UInt64) -> [Value] {
    var due: [Value] = []
    while let (level, slotTick, slot) = self.earliestSlot(), slotTick <= tick {
      self.now = max(self.now, slotTick)
      var index = self.levels[level].heads[slot]
      while index >= 0 {
        let next = self.nodes[Int(index)].next
        self.unlink(index)
        if self.nodes[Int(index)].tick <= self.now {
          if let value = self.release(index) { due.append(value) }
        } else {
          self.link(index)
        }
        index = next
      }
    }
    self.now = max(self.now, min(tick, Self.lastTick - 1))
    return due
  }

  private func earliestSlot() -> (level: Int, tick: UInt64, slot: Int)? {
    var earliest: (level: Int, tick: UInt64, slot: Int)?
    for level in 0..<Self.levelCount {
      if let (tick, slot) = self.nextSlot(level), earliest.map({ tick < $0.tick }) ?? true {
        earliest = (level, tick, slot)
      }
    }
    return earliest
  }

  /// When the next slot of a level that has nodes begins.
  private func nextSlot(_ level: Int) -> (tick: UInt64, slot: Int)? {
    let occupied = self.levels[level].occupied
    guard occupied != 0 else { return nil }
    let shift = UInt64(level * Self.bits)
    // What waits differs from now in this digit and not in a higher one, so it is further on in this turn.
    let slot = occupied.trailingZeroBitCount
    let turn = UInt64(1) << (shift + UInt64(Self.bits))
    return ((self.now & ~(turn - 1)) + UInt64(slot) << shift, slot)
  }

  private mutating func link(_ index: Int32) {
    let tick = self.nodes[Int(index)].tick
    // The highest digit in which the two differ, a slot being a digit.
    let difference = (tick ^ self.now) | UInt64(Self.slots - 1)
    let level = (63 - difference.leadingZeroBitCount) / Self.bits
    let slot = Int(truncatingIfNeeded: tick >> UInt64(level * Self.bits)) & (Self.slots - 1)
    if self.levels[level].heads.isEmpty {
      self.levels[level].heads = [Int32](repeating: -1, count: Self.slots)
    }
    let head = self.levels[level].heads[slot]
    self.nodes[Int(index)].level = Int8(level)
    self.nodes[Int(index)].slot = Int8(slot)
    self.nodes[Int(index)].previous = -1
    self.nodes[Int(index)].next = head
    if head >= 0 { self.nodes[Int(head)].previous = index }
    self.levels[level].heads[slot] = index
    self.levels[level].occupied |= 1 << UInt64(slot)
  }

  private mutating func unlink(_ index: Int32) {
    let node = self.nodes[Int(index)]
    if node.next >= 0 { self.nodes[Int(node.next)].previous = node.previous }
    if node.previous >= 0 {
      self.nodes[Int(node.previous)].next = node.next
    } else {
      self.levels[Int(node.level)].heads[Int(node.slot)] = node.next
      if node.next < 0 { self.levels[Int(node.level)].occupied &= ~(1 << UInt64(node.slot)) }
    }
  }

  private mutating func takeNode() -> Int32 {
    guard self.free >= 0 else {
      self.nodes.append(Node(generation: self.firstGeneration))
      return Int32(self.nodes.count - 1)
    }
    let index = self.free
    self.free = self.nodes[Int(index)].next
    return index
  }

  private mutating func release(_ index: Int32) -> Value? {
    let value = self.nodes[Int(index)].value.take()
    self.nodes[Int(index)].generation &+= 1
    self.nodes[Int(index)].next = self.free
    self.free = index
    self.count -= 1
    if self.count == 0, self.nodes.count > Self.keptNodes { self.shrink() }
    return value
  }

  /// Gives the memory of a burst back, and names no value of it again.
  private mutating func shrink() {
    let generation = self.nodes.reduce(0) { max($0, $1.generation) }
    self.nodes = []
    self.free = -1
    self.firstGeneration = generation &+ 1
  }
}
