import Forecasting
import Postgres
import ServiceKit

/// The data profiles of all accounts.
struct DataProfileStore: Sendable {
  private static let tables =
    "predict.data_profile AS p JOIN predict.data_source AS s ON s.account_id = p.account_id AND s.id = p.source_id"
  let database: Database

  /// Stores a data profile, or finds the one that the same key created before.
  ///
  /// - Throws: `dataSourceNotFound`, `dataProfileExists`; `idempotencyKeyReused` when the key created another profile.
  func create(
    name: String, settings: ForecastSettings, source: String, idempotencyKey: String?, accountID: String
  ) async throws -> DataProfile {
    let window = settings.excludeWindow
    let created = try await database.query(
      """
      INSERT INTO predict.data_profile (
        account_id, id, name, source_id, names, interval_seconds, patch_len, patch_spacing, num_patches, min_patches,
        fill_limit, use_diffs, exclude_time_zone, exclude_start_minute, exclude_stop_minute, idempotency_key)
      SELECT $1, $2, $3, s.id, $5::text[], $6::bigint, $7::integer, $8::integer, $9::integer, $10::integer,
        $11::integer, $12::boolean, $13::text, $14::integer, $15::integer, $16::text
      FROM predict.data_source AS s WHERE s.account_id = $1 AND s.name = $4
      ON CONFLICT DO NOTHING
      """,
      .text(accountID), .text(ResourceID.make("prof")), .text(name), .text(source), .textArray(settings.names),
      .int8(settings.interval), .int4(Int32(settings.patchLength)), .int4(Int32(settings.patchSpacing)),
      .int4(Int32(settings.numPatches)), .int4(Int32(settings.minPatches)), .int4(Int32(settings.fillLimit)),
      .bool(settings.usesDiffs), .optional(window?.timeZone), .optional(window.map { Int32($0.startMinute) }),
      .optional(window.map { Int32($0.stopMinute) }), .optional(idempotencyKey), on: .exclusive)
    if created.affected == 1, let profile = try await find(name: name, accountID: accountID) { return profile }
    if let idempotencyKey {
      let earlier = try await first("p.account_id = $1 AND p.idempotency_key = $2", accountID, idempotencyKey)
      if let earlier {
        guard earlier.name == name, earlier.settings == settings, earlier.sourceName == source else {
          throw ServiceError(.idempotencyKeyReused)
        }
        return earlier
      }
    }
    let exists = try await find(name: name, accountID: accountID) != nil
    throw ServiceError(exists ? .dataProfileExists : .dataSourceNotFound)
  }

  /// An account's data profile by that name.
  func find(name: String, accountID: String) async throws -> DataProfile? {
    guard ResourceName.isValid(name) else { return nil }
    return try await first("p.account_id = $1 AND p.name = $2", accountID, name)
  }

  /// One more data profile than the page holds, where there are as many, by name.
  func list(_ page: PageRequest, accountID: String) async throws -> [DataProfile] {
    try await database.query(
      """
      SELECT \(DataProfile.columns) FROM \(Self.tables)
      WHERE p.account_id = $1 AND p.name > $2 ORDER BY p.name LIMIT $3
      """,
      .text(accountID), .text(page.after ?? ""), .int(page.limit + 1)
    ).map(DataProfile.init)
  }

  /// Deletes a data profile; its billing records stay.
  ///
  /// - Throws: `dataProfileNotFound`.
  func delete(name: String, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataProfileNotFound) }
    let deleted = try await database.query(
      "DELETE FROM predict.data_profile WHERE account_id = $1 AND name = $2", .text(accountID), .text(name),
      on: .exclusive)
    guard deleted.affected == 1 else { throw ServiceError(.dataProfileNotFound) }
  }

  /// Stores a profile's statistics and with them that it is ready, unless somebody did before.
  func markReady(_ profile: DataProfile, bands: [DataProfile.Band]) async throws {
    _ = try await database.query(
      """
      UPDATE predict.data_profile SET ready = true, lower_bounds = $3, upper_bounds = $4
      WHERE account_id = $1 AND id = $2 AND NOT ready
      """,
      .text(profile.accountID), .text(profile.id), .float8Array(bands.map(\.lower)), .float8Array(bands.map(\.upper)),
      on: .exclusive)
  }

  private func first(_ condition: String, _ accountID: String, _ key: String) async throws -> DataProfile? {
    try await database.query(
      "SELECT \(DataProfile.columns) FROM \(Self.tables) WHERE \(condition)", .text(accountID), .text(key)
    ).first.map(DataProfile.init)
  }
}
