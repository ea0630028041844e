/// Rows and data sources can be deleted, and the rows of each series are counted as they are written.
///
/// The counting is the database's own work, so that no writer can forget it, a service of the release before included.
enum Migration003 {
  static let sql = """
    ALTER TABLE data_source ADD COLUMN deleting boolean NOT NULL DEFAULT false;

    -- The number of a series' rows is its count and all changes of it that are not added to it yet. A statement that
    -- writes rows leaves one row of changes, however many series it has, and waits for nobody.
    CREATE TABLE series_count (
      account_id text COLLATE "C" NOT NULL,
      source_id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      row_count bigint NOT NULL,
      PRIMARY KEY (account_id, source_id, name)
    );
    CREATE TABLE series_change (
      account_id text COLLATE "C" NOT NULL,
      source_id text COLLATE "C" NOT NULL,
      id bigint GENERATED ALWAYS AS IDENTITY,
      names text[] COLLATE "C" NOT NULL,
      row_counts bigint[] NOT NULL,
      PRIMARY KEY (account_id, source_id, id)
    );

    -- Rows that exist and are overwritten are not among those inserted.
    CREATE FUNCTION count_changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO predict.series_change (account_id, source_id, names, row_counts)
      SELECT account_id, source_id, array_agg(name), array_agg(CASE TG_OP WHEN 'INSERT' THEN rows ELSE -rows END)
      FROM (
        SELECT account_id, source_id, name, count(*) AS rows FROM changed GROUP BY account_id, source_id, name
      ) AS series GROUP BY account_id, source_id;
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER observation_inserted AFTER INSERT ON observation REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_changed_rows();
    CREATE TRIGGER observation_deleted AFTER DELETE ON observation REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_changed_rows();
    -- Creating the triggers has locked out all writers until they fire.
    INSERT INTO series_count (account_id, source_id, name, row_count)
      SELECT account_id, source_id, name, count(*) FROM observation GROUP BY account_id, source_id, name;

    GRANT SELECT, INSERT, DELETE, UPDATE (row_count) ON series_count TO temporis_predict;
    GRANT SELECT, INSERT, DELETE, UPDATE (row_counts) ON series_change TO temporis_predict;
    GRANT DELETE, UPDATE (deleting) ON data_source TO temporis_predict;
    GRANT DELETE ON observation TO temporis_predict;
    """
}
