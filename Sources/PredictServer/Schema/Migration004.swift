/// The changes of each source's rows are numbered, so that what was found of its rows is known to hold until they
/// change; and what was billed is added up as it is.
enum Migration004 {
  static let sql = """
    -- The changes that are added to the series' counts. With those that are not yet there are as many as statements
    -- have inserted, overwritten or deleted rows of the source.
    CREATE TABLE source_change_count (
      account_id text COLLATE "C" NOT NULL,
      source_id text COLLATE "C" NOT NULL,
      changes bigint NOT NULL,
      PRIMARY KEY (account_id, source_id)
    );

    -- Whoever adds changes to the counts takes them from their table: a service of the release before numbers them,
    -- too.
    CREATE FUNCTION number_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO predict.source_change_count AS c (account_id, source_id, changes)
      SELECT account_id, source_id, count(*) FROM taken
      WHERE EXISTS (
        SELECT FROM predict.data_source AS s WHERE s.account_id = taken.account_id AND s.id = taken.source_id)
      GROUP BY account_id, source_id ORDER BY account_id, source_id
      ON CONFLICT (account_id, source_id) DO UPDATE SET changes = c.changes + excluded.changes;
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER series_change_taken AFTER DELETE ON series_change REFERENCING OLD TABLE AS taken
      FOR EACH STATEMENT EXECUTE FUNCTION number_changes();

    -- Rows that are overwritten leave a change, too, which changes no count.
    CREATE OR REPLACE FUNCTION count_changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO predict.series_change (account_id, source_id, names, row_counts)
      SELECT account_id, source_id, array_agg(name),
        array_agg(CASE TG_OP WHEN 'INSERT' THEN rows WHEN 'DELETE' THEN -rows ELSE 0 END)
      FROM (
        SELECT account_id, source_id, name, count(*) AS rows FROM changed GROUP BY account_id, source_id, name
      ) AS series GROUP BY account_id, source_id;
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER observation_updated AFTER UPDATE ON observation REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_changed_rows();

    -- How many changes there were when a profile was last found not to be ready; NULL: that was never looked at.
    ALTER TABLE data_profile ADD COLUMN checked_changes bigint;

    -- What an account was billed on a day (UTC) is its sum and all changes of it that are not added to it yet, as with
    -- the counts of rows. Numbers without a limit: a sum that is too large is the reader's fault, and stops nobody
    -- here.
    CREATE TABLE usage_day (
      account_id text COLLATE "C" NOT NULL,
      day date NOT NULL,
      credential_id text COLLATE "C" NOT NULL,
      profile_id text COLLATE "C" NOT NULL,
      predictions bigint NOT NULL,
      model_tokens numeric NOT NULL,
      nano_dollars numeric NOT NULL,
      PRIMARY KEY (account_id, day, credential_id, profile_id)
    );
    CREATE TABLE usage_change (
      LIKE usage_day,
      id bigint GENERATED ALWAYS AS IDENTITY,
      PRIMARY KEY (account_id, id)
    );
    CREATE FUNCTION add_usage() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO predict.usage_change
        (account_id, day, credential_id, profile_id, predictions, model_tokens, nano_dollars)
      SELECT account_id, (create_time AT TIME ZONE 'UTC')::date, credential_id, profile_id, count(*),
        sum(model_tokens), sum(cost_nano_dollars)
      FROM billed GROUP BY 1, 2, 3, 4;
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER billing_record_inserted AFTER INSERT ON billing_record REFERENCING NEW TABLE AS billed
      FOR EACH STATEMENT EXECUTE FUNCTION add_usage();
    -- Creating the trigger has locked out all writers until it fires.
    INSERT INTO usage_day
      SELECT account_id, (create_time AT TIME ZONE 'UTC')::date, credential_id, profile_id, count(*),
        sum(model_tokens), sum(cost_nano_dollars)
      FROM billing_record GROUP BY 1, 2, 3, 4;

    GRANT SELECT, INSERT, UPDATE (predictions, model_tokens, nano_dollars) ON usage_day TO temporis_predict;
    GRANT SELECT, INSERT, DELETE, UPDATE (predictions) ON usage_change TO temporis_predict;
    GRANT SELECT, INSERT, DELETE, UPDATE (changes) ON source_change_count TO temporis_predict;
    GRANT UPDATE (checked_changes) ON data_profile TO temporis_predict;
    """
}
