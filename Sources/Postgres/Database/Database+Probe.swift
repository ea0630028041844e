extension Database {
  /// Whether a statement that reads is answered within a time, however long it may wait or run otherwise.
  package func answers(_ sql: String = "SELECT 1", within limit: Duration) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { (try? await self.query(sql)) != nil }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
  }
}
