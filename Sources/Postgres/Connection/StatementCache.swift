/// The statements prepared on one connection, named by number.
struct StatementCache {
  struct Key: Hashable {
    let sql: String
    let types: [UInt32]
  }

  private let limit: Int
  private var names: [Key: String] = [:]
  private var prepared = 0

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether all of them should be deallocated before another one is prepared.
  var isFull: Bool { names.count >= limit }

  func name(for key: Key) -> String? {
    names[key]
  }

  /// Adds a statement and returns its name, which was never used before on this connection.
  mutating func add(_ key: Key) -> String {
    prepared += 1
    let name = "s\(prepared)"
    names[key] = name
    return name
  }

  mutating func remove(_ key: Key) {
    names[key] = nil
  }

  mutating func removeAll() {
    names.removeAll(keepingCapacity: true)
  }
}
