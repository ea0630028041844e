/// Values by the id of their stream.
///
/// Ids of one connection rise by two, which makes them their own hash: neighbours take neighbouring places, and a few
/// streams that live long are stepped over. That is open addressing with linear probing, at most half full, in which no
/// value is nearer to its home than one that it displaces (Robin Hood hashing; Celis, Larson and Munro, 1985), so that
/// removing one moves only those that are away from home.
///
/// Public for one reason: only then does the compiler make a version of it for the types of another module.
@frozen public struct StreamTable<Value> {
  /// The ids in their places; 0, which is no stream's, is a free one.
  @usableFromInline var ids: [Int32] = []
  @usableFromInline var places: [Value?] = []
  @usableFromInline var used = 0

  /// What an empty table may keep.
  @usableFromInline static var keptPlaces: Int { 256 }

  /// Creates an empty table, which has no memory of its own.
  @inlinable public init() {}

  @inlinable public var count: Int { self.used }
  @inlinable public var isEmpty: Bool { self.used == 0 }

  /// The values in no particular order.
  @inlinable public var values: [Value] { self.places.compactMap { $0 } }

  /// The value of a stream; ids are above 0.
  @inlinable public subscript(streamID: Int32) -> Value? {
    get {
      self.place(of: streamID).flatMap { self.places[$0] }
    }
    set {
      if let newValue {
        self.insert(newValue, streamID)
      } else {
        self.removeValue(forKey: streamID)
      }
    }
  }

  /// Changes a value where it is; nil when the stream has none.
  @inlinable public mutating func modify<Result>(_ streamID: Int32, _ body: (inout Value) -> Result) -> Result? {
    guard let place = self.place(of: streamID), var value = self.places[place].take() else { return nil }
    defer { self.places[place] = value }
    return body(&value)
  }

  @inlinable @discardableResult public mutating func removeValue(forKey streamID: Int32) -> Value? {
    guard let place = self.place(of: streamID) else { return nil }
    let value = self.places[place].take()
    self.used -= 1
    self.close(gap: place)
    if self.used == 0, self.ids.count > Self.keptPlaces {
      self = Self()
    }
    return value
  }

  @inlinable public mutating func removeAll() {
    self = Self()
  }

  @inlinable func home(_ streamID: Int32) -> Int {
    Int(streamID >> 1) & (self.ids.count - 1)
  }

  @inlinable func place(of streamID: Int32) -> Int? {
    guard self.used > 0 else { return nil }
    var place = self.home(streamID)
    while self.ids[place] != streamID {
      guard self.ids[place] != 0 else { return nil }
      place = (place + 1) & (self.ids.count - 1)
    }
    return place
  }

  @inlinable mutating func insert(_ value: Value, _ streamID: Int32) {
    if let place = self.place(of: streamID) {
      self.places[place] = value
      return
    }
    if (self.used + 1) * 2 > self.ids.count {
      self.grow()
    }
    self.put(value, streamID)
  }

  @inlinable mutating func put(_ value: Value, _ streamID: Int32) {
    let mask = self.ids.count - 1
    var streamID = streamID
    var value: Value? = value
    var place = self.home(streamID)
    var distance = 0
    while self.ids[place] != 0 {
      let other = self.distanceFromHome(place)
      if other < distance {
        swap(&self.ids[place], &streamID)
        swap(&self.places[place], &value)
        distance = other
      }
      place = (place + 1) & mask
      distance += 1
    }
    self.ids[place] = streamID
    self.places[place] = value
    self.used += 1
  }

  /// How far what is in a place is behind where it would best be.
  @inlinable func distanceFromHome(_ place: Int) -> Int {
    (place - self.home(self.ids[place])) & (self.ids.count - 1)
  }

  @inlinable mutating func grow() {
    let old = (ids: self.ids, places: self.places)
    let count = max(8, old.ids.count * 2)
    self.ids = Array(repeating: 0, count: count)
    self.places = Array(repeating: nil, count: count)
    self.used = 0
    for (streamID, value) in zip(old.ids, old.places) {
      if let value {
        self.put(value, streamID)
      }
    }
  }

  /// Moves up what is away from home behind a place that has become free.
  @inlinable mutating func close(gap: Int) {
    let mask = self.ids.count - 1
    var gap = gap
    self.ids[gap] = 0
    while true {
      let place = (gap + 1) & mask
      guard self.ids[place] != 0, self.distanceFromHome(place) > 0 else { return }
      self.ids.swapAt(gap, place)
      self.places.swapAt(gap, place)
      gap = place
    }
  }
}

extension StreamTable: Sendable where Value: Sendable {}
