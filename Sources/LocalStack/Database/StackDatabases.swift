/// The database as each of its roles.
struct StackDatabases: Sendable {
  /// As the owner, who migrates.
  let owner: DatabaseURL
  /// As the token service.
  let token: DatabaseURL
  /// As the predict service.
  let predict: DatabaseURL
}
