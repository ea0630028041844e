extension Database {
  /// Returns once a statement that reads is answered.
  /// - Throws: ``PostgresError``: why it is not.
  package func probe(_ sql: String = "SELECT 1") async throws {
    _ = try await query(sql)
  }
}
