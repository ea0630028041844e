/// The roles of the database. The owner migrates; a service's role can only read and write its own schema's rows.
enum DatabaseRole: String, Sendable, CaseIterable {
  /// Owns the database and every schema in it.
  case owner = "temporis"
  /// The token service's.
  case token = "temporis_token"
  /// The predict service's.
  case predict = "temporis_predict"
}
