extension TokenSchema {
  /// Lets the versions of the peppers that hashes are keyed with be told without reading the hashes.
  static let pepperVersions = "CREATE INDEX credential_pepper_version ON credential (pepper_version);"
}
