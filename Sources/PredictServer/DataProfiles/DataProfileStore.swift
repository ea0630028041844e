import Forecasting
import Postgres
import ServiceKit

/// The data profiles of all accounts.
struct DataProfileStore: Sendable {
  private static let tables =
    "predict.data_profile AS p JOIN predict.data_source AS s ON s.account_id = p.account_id AND s.id = p.source_id"
  let database: Database
  /// The most data profiles of an account, over 0. Calls at the same time may lead to some more.
  let limit: Int

  /// Stores a data profile, or finds the one that the same key created before.
  ///
  /// - Throws: `dataSourceNotFound`, `dataProfileExists`; `idempotencyKeyReused` when the key created another profile;
  ///   `quotaExceeded`.
  func create(
    name: String, settings: ForecastSettings, source: String, idempotencyKey: String?, requestHash: [UInt8],
    accountID: String
  ) async throws -> DataProfile {
    let created = try await write(
      """
      INSERT INTO predict.data_profile (
        account_id, id, name, source_id, names, interval_seconds, patch_len, patch_spacing, num_patches, min_patches,
        fill_limit, use_diffs, exclude_time_zone, exclude_start_minute, exclude_stop_minute, idempotency_key,
        request_hash)
      SELECT $1, $2, $3, s.id, $5::text[], $6::bigint, $7::integer, $8::integer, $9::integer, $10::integer,
        $11::integer, $12::boolean, $13::text, $14::integer, $15::integer, $16::text, $17::bytea
      FROM predict.data_source AS s WHERE s.account_id = $1 AND s.name = $4 AND NOT s.deleting
        AND (SELECT count(*) FROM predict.data_profile WHERE account_id = $1) < $18
      FOR SHARE OF s
      ON CONFLICT DO NOTHING
      """,
      parameters: [.text(accountID), .text(ResourceID.make("prof")), .text(name), .text(source)] + settings.parameters
        + [.optional(idempotencyKey), .bytea(requestHash), .int(limit)])
    if created.affected == 1, let profile = try await find(name: name, accountID: accountID) { return profile }
    if let idempotencyKey {
      let earlier = try await first("p.account_id = $1 AND p.idempotency_key = $2", accountID, idempotencyKey)
      if let earlier {
        guard earlier.requestHash == requestHash else { throw ServiceError(.idempotencyKeyReused) }
        return earlier
      }
    }
    if try await find(name: name, accountID: accountID) != nil { throw ServiceError(.dataProfileExists) }
    let readable = try await database.query(
      """
      SELECT (SELECT count(*) FROM predict.data_profile WHERE account_id = $1) >= $3 AS is_full
      FROM predict.data_source WHERE account_id = $1 AND name = $2 AND NOT deleting
      """, .text(accountID), .text(source), .int(limit))
    guard let row = readable.first else { throw ServiceError(.dataSourceNotFound) }
    throw try row.decode("is_full")
      ? ServiceError(quota: Int64(limit), of: "data profiles") : ServiceError(.dataProfileExists)
  }

  /// An account's data profile by that name.
  func find(name: String, accountID: String) async throws -> DataProfile? {
    guard ResourceName.isValid(name) else { return nil }
    return try await first("p.account_id = $1 AND p.name = $2", accountID, name)
  }

  /// An account's data profile by that name, and whether the account that asks for a prediction can be billed.
  ///
  /// - Parameter isPublic: Whether it is asked for by its public name: then it is found only while it is published.
  func find(
    name: String, accountID: String, isPublic: Bool, billing payerID: String
  ) async throws -> (profile: DataProfile?, standing: PaymentMethodStore.Standing) {
    let rows = try await database.query(
      """
      SELECT m.charge_failed, \(DataProfile.columnsWithChanges)
      FROM (VALUES (1)) AS one
      LEFT JOIN predict.payment_method AS m ON m.account_id = $3
      LEFT JOIN (\(Self.tables)) ON p.account_id = $1 AND p.name = $2 AND (p.published OR NOT $4::boolean)
      """,
      .text(accountID), .text(ResourceName.isValid(name) ? name : ""), .text(payerID), .bool(isPublic))
    guard let row = rows.first else { return (nil, .noCard) }
    let isFound = try row.decode("id", as: String?.self) != nil
    return (isFound ? try DataProfile(row) : nil, .init(lastCharge: try row.decode("charge_failed")))
  }

  /// One more data profile than the page holds, where there are as many, by name.
  ///
  /// - Parameter isPublic: Whether those alone are listed that are published.
  func list(_ page: PageRequest, accountID: String, isPublic: Bool = false) async throws -> [DataProfile] {
    try await database.query(
      """
      SELECT \(DataProfile.columns) FROM \(Self.tables)
      WHERE p.account_id = $1 AND p.name > $2 AND (p.published OR NOT $4::boolean) ORDER BY p.name LIMIT $3
      """,
      .text(accountID), .text(page.after ?? ""), .int(page.limit + 1), .bool(isPublic)
    ).map(DataProfile.init)
  }

  /// Changes the settings of a data profile, which is not ready any more: its statistics were those of the old ones.
  ///
  /// - Parameter revision: of the profile that the settings were made from.
  /// - Returns: nil when the profile is not at that revision any more, or the account has no such source.
  func update(
    _ profile: DataProfile, settings: ForecastSettings, source: String
  ) async throws -> DataProfile? {
    let updated = try await write(
      """
      WITH source AS MATERIALIZED (
        SELECT id FROM predict.data_source WHERE account_id = $1 AND name = $4 AND NOT deleting FOR SHARE
      )
      UPDATE predict.data_profile AS p SET
        source_id = s.id, names = $5, interval_seconds = $6, patch_len = $7, patch_spacing = $8, num_patches = $9,
        min_patches = $10, fill_limit = $11, use_diffs = $12, exclude_time_zone = $13, exclude_start_minute = $14,
        exclude_stop_minute = $15, ready = false, lower_bounds = '{}', upper_bounds = '{}', checked_changes = NULL,
        revision = p.revision + 1
      FROM source AS s WHERE p.account_id = $1 AND p.id = $2 AND p.revision = $3
      """,
      parameters: [.text(profile.accountID), .text(profile.id), .int8(profile.revision), .text(source)]
        + settings.parameters)
    guard updated.affected == 1 else { return nil }
    return try await find(name: profile.name, accountID: profile.accountID)
  }

  /// Deletes a data profile; its billing records stay.
  ///
  /// - Throws: `dataProfileNotFound`.
  func delete(name: String, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataProfileNotFound) }
    let deleted = try await database.executeAlone(
      "DELETE FROM predict.data_profile WHERE account_id = $1 AND name = $2", .text(accountID), .text(name))
    guard deleted.affected == 1 else { throw ServiceError(.dataProfileNotFound) }
  }

  /// Lets every account have a data profile forecast, or its own alone.
  ///
  /// - Throws: `dataProfileNotFound`.
  func setPublished(_ isPublished: Bool, name: String, accountID: String) async throws -> DataProfile {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataProfileNotFound) }
    let updated = try await database.executeAlone(
      "UPDATE predict.data_profile SET published = $3 WHERE account_id = $1 AND name = $2", .text(accountID),
      .text(name), .bool(isPublished))
    guard updated.affected == 1, let profile = try await find(name: name, accountID: accountID) else {
      throw ServiceError(.dataProfileNotFound)
    }
    return profile
  }

  /// The names of the data profiles that read series of which a selection holds rows.
  func names(reading selection: RecordSelection) async throws -> [String] {
    try await database.query(
      """
      SELECT p.name FROM predict.data_profile AS p
      WHERE p.account_id = $1 AND p.source_id = $2 AND EXISTS (
        SELECT 1 FROM unnest(p.names) AS series (name), LATERAL (
          SELECT 1 FROM predict.record AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
            AND o."timestamp" >= $4 AND o."timestamp" < $5
          LIMIT 1
        ) AS row
        WHERE $3::text IS NULL OR series.name = $3
      )
      ORDER BY p.name
      """,
      .text(selection.accountID), .text(selection.sourceID), .optional(selection.series),
      .int8(selection.period.lowerBound), .int8(selection.period.upperBound)
    ).map { try $0.decode("name") }
  }

  /// Stores a profile's statistics and with them that it is ready, unless somebody did before or changed the settings.
  func markReady(_ profile: DataProfile, bands: [DataProfile.Band]) async throws {
    try await database.executeAlone(
      """
      UPDATE predict.data_profile SET ready = true, lower_bounds = $3, upper_bounds = $4
      WHERE account_id = $1 AND id = $2 AND NOT ready AND revision = $5
      """,
      .text(profile.accountID), .text(profile.id), .float8Array(bands.map(\.lower)), .float8Array(bands.map(\.upper)),
      .int8(profile.revision))
  }

  /// Notes that a profile was found not to be ready with the rows that its source had when the profile was read.
  func markChecked(_ profile: DataProfile) async throws {
    guard let changes = profile.sourceChanges else { return }
    try await database.executeAlone(
      """
      UPDATE predict.data_profile SET checked_changes = $3
      WHERE account_id = $1 AND id = $2 AND NOT ready AND revision = $4
      """,
      .text(profile.accountID), .text(profile.id), .int8(changes), .int8(profile.revision))
  }

  /// Writes a row that refers to a data source, whose deletion waits for that, or has it find no source.
  private func write(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows {
    do {
      return try await database.executeAlone(sql, parameters: parameters)
    } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
      throw ServiceError(.dataSourceNotFound, cause: error)
    }
  }

  private func first(_ condition: String, _ accountID: String, _ key: String) async throws -> DataProfile? {
    try await database.query(
      "SELECT \(DataProfile.columns) FROM \(Self.tables) WHERE \(condition)", .text(accountID), .text(key)
    ).first.map(DataProfile.init)
  }
}

extension ForecastSettings {
  /// The columns from `names` to `exclude_stop_minute`, in the table's order.
  fileprivate var parameters: [PostgresValue] {
    [
      .textArray(names), .int8(interval), .int4(Int32(patchLength)), .int4(Int32(patchSpacing)),
      .int4(Int32(numPatches)), .int4(Int32(minPatches)), .int4(Int32(fillLimit)), .bool(usesDiffs),
      .optional(excludeWindow?.timeZone), .optional(excludeWindow.map { Int32($0.startMinute) }),
      .optional(excludeWindow.map { Int32($0.stopMinute) }),
    ]
  }
}
