/// What one call's request holds in memory, in bytes, by where that is.
struct RequestMemory {
  /// From the beginning of the call to its end.
  var metadata = 0
  /// The messages that wait to be read.
  var waiting = 0
  /// The message that was read last, as it came: nobody tells when its reader lets go of it.
  var read = 0
  /// What that was restored to.
  var restored = 0
  /// The message that isn't complete.
  var incomplete = 0

  var total: Int { self.metadata + self.waiting + self.read + self.restored + self.incomplete }

  /// The reader gets a part that takes `bytes`, or the end, and so is done with the one before.
  mutating func hand(over bytes: Int) {
    self.read = bytes
    self.restored = 0
  }
}
