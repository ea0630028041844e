/// Data profiles can be edited.
enum Migration002 {
  static let sql = """
    ALTER TABLE data_profile ADD COLUMN revision bigint NOT NULL DEFAULT 0, ADD COLUMN request_hash bytea;
    GRANT UPDATE (source_id, names, interval_seconds, patch_len, patch_spacing, num_patches, min_patches, fill_limit,
      use_diffs, exclude_time_zone, exclude_start_minute, exclude_stop_minute, revision)
      ON data_profile TO temporis_predict;
    """
}
