package import Postgres
import ServiceDatabase

/// The PostgreSQL schema of this service: data sources, their rows, data profiles, cards, billing records and the
/// responses that idempotency keys replay.
package enum PredictSchema: DatabaseSchema {
  package static let name = "predict"
  package static let role = "temporis_predict"
  package static let migrations = [
    Migration(version: 1, name: "sources, profiles, billing", sql: Migration001.sql),
    Migration(version: 2, name: "profiles can be edited", sql: Migration002.sql),
    Migration(version: 3, name: "rows are counted and can be deleted", sql: Migration003.sql),
    Migration(version: 4, name: "changes of rows are numbered, usage is added up", sql: Migration004.sql),
    Migration(version: 5, name: "sources are deleted in the background", sql: Migration005.sql),
    Migration(version: 6, name: "rows are partitioned by source", sql: Migration006.sql),
    Migration(version: 7, name: "data profiles can be published", sql: Migration007.sql),
  ]
}
