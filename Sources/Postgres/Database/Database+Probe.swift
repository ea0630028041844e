extension Database {
  /// Whether a statement that reads is answered; false as well once the task is cancelled.
  package func answers(_ sql: String = "SELECT 1") async -> Bool {
    (try? await query(sql)) != nil
  }
}
