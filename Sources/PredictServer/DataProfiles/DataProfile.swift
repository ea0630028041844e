import Forecasting
import Postgres

/// A recipe that reads a data source.
struct DataProfile: Sendable {
  /// The normalization band of one series: the 1st and the 99th percentile.
  struct Band: Sendable, Equatable {
    let lower: Double
    let upper: Double
  }

  let id: String
  let accountID: String
  let name: String
  let sourceID: String
  let sourceName: String
  let settings: ForecastSettings
  /// Whether every account may have it forecast. Only profiles of the operator's account ever are.
  let isPublished: Bool
  /// Grows with each change of the settings.
  let revision: Int64
  /// Whether there was once enough data for the statistics. It stays true until the settings change.
  var isReady: Bool
  /// How many changes of the source's rows there were when the profile was last found not to be ready; `nil`: nobody
  /// has looked since its settings are what they are.
  let checkedChanges: Int64?
  /// How many there were when it was read, if it wasn't ready, with no more of which it can't have become so, or if a
  /// prediction asked.
  let sourceChanges: Int64?
  /// One a series; empty until the profile is ready.
  var bands: [Band]
  /// The hash of the request that created it. `nil`: it was created before such hashes were kept.
  let requestHash: [UInt8]?
  let createTime: PostgresTimestamp

  /// Whether it isn't ready, and rows have changed since that was found.
  var mayHaveBecomeReady: Bool { !isReady && (checkedChanges == nil || checkedChanges != sourceChanges) }
}

extension DataProfile {
  /// The columns that ``init(_:)`` reads, of `data_profile` as `p` and its `data_source` as `s`.
  static let columns = columns(changes: "CASE WHEN NOT p.ready THEN \(sourceChanges) END")
  /// The same, with the number of the source's changes in any case.
  static let columnsWithChanges = columns(changes: sourceChanges)
  private static let sourceChanges = DataSource.changes(accountID: "p.account_id", id: "p.source_id")

  private static func columns(changes: String) -> String {
    """
    p.id, p.account_id, p.name, p.source_id, s.name AS source_name, p.names, p.interval_seconds, p.patch_len, \
    p.patch_spacing, p.num_patches, p.min_patches, p.fill_limit, p.use_diffs, p.exclude_time_zone, \
    p.exclude_start_minute, p.exclude_stop_minute, p.revision, p.published, p.ready, p.lower_bounds, \
    p.upper_bounds, p.request_hash, p.create_time, p.checked_changes, \(changes) AS source_changes
    """
  }

  init(_ row: PostgresRow) throws {
    var window: ExcludeWindow?
    if let timeZone: String = try row.decode("exclude_time_zone") {
      window = try ExcludeWindow(
        timeZone: timeZone, startMinute: try row.decode("exclude_start_minute"),
        stopMinute: try row.decode("exclude_stop_minute"))
    }
    settings = try ForecastSettings(
      names: try row.decode("names"), interval: try row.decode("interval_seconds"),
      patchLength: try row.decode("patch_len"), patchSpacing: try row.decode("patch_spacing"),
      numPatches: try row.decode("num_patches"), minPatches: try row.decode("min_patches", as: Int.self),
      fillLimit: try row.decode("fill_limit"), usesDiffs: try row.decode("use_diffs"), excludeWindow: window)
    id = try row.decode("id")
    accountID = try row.decode("account_id")
    name = try row.decode("name")
    sourceID = try row.decode("source_id")
    sourceName = try row.decode("source_name")
    isPublished = try row.decode("published")
    revision = try row.decode("revision")
    isReady = try row.decode("ready")
    checkedChanges = try row.decode("checked_changes")
    sourceChanges = try row.decode("source_changes")
    let lower: [Double] = try row.decode("lower_bounds")
    let upper: [Double] = try row.decode("upper_bounds")
    bands = zip(lower, upper).map { Band(lower: $0, upper: $1) }
    requestHash = try row.decode("request_hash")
    createTime = try row.decode("create_time")
  }
}
