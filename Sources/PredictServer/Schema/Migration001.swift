/// The first schema.
///
/// Every key starts with the account, so that the tables can be spread over several servers by it. Names and keys are
/// compared byte by byte (`COLLATE "C"`).
enum Migration001 {
  static let sql = """
    CREATE TABLE data_source (
      account_id text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'),
      archived boolean NOT NULL DEFAULT false,
      idempotency_key text COLLATE "C",
      create_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id),
      UNIQUE (account_id, name),
      UNIQUE (account_id, idempotency_key)
    );

    CREATE TABLE observation (
      account_id text COLLATE "C" NOT NULL,
      source_id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      "timestamp" bigint NOT NULL CHECK ("timestamp" BETWEEN 0 AND 253402300799),
      value double precision NOT NULL,
      PRIMARY KEY (account_id, source_id, name, "timestamp")
    );

    CREATE TABLE data_profile (
      account_id text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'),
      source_id text COLLATE "C" NOT NULL,
      names text[] NOT NULL,
      interval_seconds bigint NOT NULL,
      patch_len integer NOT NULL,
      patch_spacing integer NOT NULL,
      num_patches integer NOT NULL,
      min_patches integer NOT NULL,
      fill_limit integer NOT NULL,
      use_diffs boolean NOT NULL,
      exclude_time_zone text,
      exclude_start_minute integer,
      exclude_stop_minute integer,
      ready boolean NOT NULL DEFAULT false,
      lower_bounds double precision[] NOT NULL DEFAULT '{}',
      upper_bounds double precision[] NOT NULL DEFAULT '{}',
      idempotency_key text COLLATE "C",
      create_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id),
      UNIQUE (account_id, name),
      UNIQUE (account_id, idempotency_key),
      FOREIGN KEY (account_id, source_id) REFERENCES data_source (account_id, id),
      CHECK (num_nulls(exclude_time_zone, exclude_start_minute, exclude_stop_minute) IN (0, 3))
    );

    CREATE TABLE payment_method (
      account_id text COLLATE "C" PRIMARY KEY,
      provider_reference text NOT NULL,
      brand text NOT NULL,
      last_four text NOT NULL CHECK (last_four ~ '^[0-9]{4}$'),
      expire_month integer NOT NULL CHECK (expire_month BETWEEN 1 AND 12),
      expire_year integer NOT NULL,
      charge_failed boolean NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE billing_record (
      account_id text COLLATE "C" NOT NULL,
      request_id text COLLATE "C" NOT NULL CHECK (request_id ~ '^[0-9a-f]{32}$'),
      credential_id text COLLATE "C" NOT NULL,
      profile_id text COLLATE "C" NOT NULL,
      profile_name text COLLATE "C" NOT NULL,
      model_tokens bigint NOT NULL CHECK (model_tokens > 0),
      price_nano_dollars bigint NOT NULL CHECK (price_nano_dollars >= 0),
      cost_nano_dollars bigint NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, request_id),
      CHECK (cost_nano_dollars = model_tokens * price_nano_dollars)
    );
    CREATE INDEX billing_record_by_time ON billing_record (account_id, create_time);

    -- Rights can be granted by mistake; the trigger refuses whoever tries, the owner and superusers included.
    CREATE FUNCTION refuse_billing_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'billing records are never changed or deleted' USING ERRCODE = 'restrict_violation';
    END
    $$;
    CREATE TRIGGER billing_record_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_record
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_billing_record_change();
    ALTER TABLE billing_record ENABLE ALWAYS TRIGGER billing_record_is_final;

    CREATE TABLE prediction_answer (
      account_id text COLLATE "C" NOT NULL,
      idempotency_key text COLLATE "C" NOT NULL,
      data_profile text NOT NULL,
      count integer NOT NULL,
      temperature double precision NOT NULL,
      top_p double precision NOT NULL,
      messages bytea[] NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, idempotency_key)
    );
    CREATE INDEX prediction_answer_by_time ON prediction_answer (create_time);

    -- Roles belong to the whole cluster: another database's migration may be creating it right now.
    DO $$
    BEGIN
      IF to_regrole('temporis_predict') IS NULL THEN
        CREATE ROLE temporis_predict NOLOGIN;
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END
    $$;
    GRANT USAGE ON SCHEMA predict TO temporis_predict;
    GRANT SELECT, INSERT, UPDATE (archived) ON data_source TO temporis_predict;
    GRANT SELECT, INSERT, UPDATE (value) ON observation TO temporis_predict;
    GRANT SELECT, INSERT, DELETE, UPDATE (ready, lower_bounds, upper_bounds) ON data_profile TO temporis_predict;
    GRANT SELECT, INSERT, UPDATE, DELETE ON payment_method TO temporis_predict;
    GRANT SELECT, INSERT ON billing_record TO temporis_predict;
    GRANT SELECT, INSERT, UPDATE, DELETE ON prediction_answer TO temporis_predict;
    """
}
