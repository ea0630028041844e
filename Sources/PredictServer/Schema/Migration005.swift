/// Deleted data sources are removed in the background, and the rows of each source are counted, so that an account's
/// can be limited. The size of a stored response is known before it is read.
enum Migration005 {
  static let sql = """
    -- A source whose deletion has begun has no name any more: nobody finds it, and another may have its name.
    ALTER TABLE data_source ALTER COLUMN name DROP NOT NULL;
    UPDATE data_source SET name = NULL, idempotency_key = NULL WHERE deleting;
    ALTER TABLE data_source ADD CHECK (name IS NOT NULL OR deleting);
    CREATE INDEX data_source_deleting ON data_source (create_time) WHERE deleting;

    -- Its rows, without those whose change is not added to the counts yet.
    ALTER TABLE source_change_count ADD COLUMN row_count bigint NOT NULL DEFAULT 0;
    -- This locks out whoever adds changes to the counts until both agree.
    LOCK TABLE series_change IN SHARE ROW EXCLUSIVE MODE;
    CREATE OR REPLACE FUNCTION number_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO predict.source_change_count AS c (account_id, source_id, changes, row_count)
      SELECT account_id, source_id, count(*),
        sum((SELECT sum(series.row_count) FROM unnest(taken.row_counts) AS series (row_count)))
      FROM taken
      WHERE EXISTS (
        SELECT FROM predict.data_source AS s WHERE s.account_id = taken.account_id AND s.id = taken.source_id)
      GROUP BY account_id, source_id ORDER BY account_id, source_id
      ON CONFLICT (account_id, source_id) DO UPDATE
        SET changes = c.changes + excluded.changes, row_count = c.row_count + excluded.row_count;
      RETURN NULL;
    END
    $$;
    INSERT INTO source_change_count AS c (account_id, source_id, changes, row_count)
      SELECT account_id, source_id, 0, sum(series_count.row_count) FROM series_count
      WHERE EXISTS (
        SELECT FROM data_source AS s WHERE s.account_id = series_count.account_id AND s.id = series_count.source_id)
      GROUP BY account_id, source_id
      ON CONFLICT (account_id, source_id) DO UPDATE SET row_count = excluded.row_count;

    -- The bytes of its messages; NULL in what a release before has stored.
    ALTER TABLE prediction_answer ADD COLUMN size bigint;

    GRANT UPDATE (name, idempotency_key) ON data_source TO temporis_predict;
    GRANT UPDATE (row_count) ON source_change_count TO temporis_predict;
    """
}
