/// What a credential may do on the public API. The raw value is the permission's name in the database.
package enum Permission: String, Sendable, Hashable, CaseIterable {
  /// Write rows into data sources.
  case ingest
  /// Draw predictions, billed to the account.
  case predict
}
