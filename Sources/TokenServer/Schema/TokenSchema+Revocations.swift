extension TokenSchema {
  /// What auth-verifiers follow, so that they may answer from what they have looked up: the log of what no longer
  /// holds, and a lease for each of them. No rule of either reads the database's clock.
  ///
  /// The log has no gaps: each entry's revision is the counter's next, and whoever takes it keeps the counter's row
  /// locked until the commit. A revision that a failover lost may be given again, with another tag then.
  ///
  /// A `count` of the audit goes up for as long as the record's `hour` lasts; without an `hour` a record stands for
  /// itself.
  static let revocations = """
    CREATE TABLE revocation (
      revision bigint PRIMARY KEY,
      tag bigint NOT NULL,
      kind text NOT NULL,
      subject text NOT NULL
    );

    CREATE TABLE revocation_counter (
      is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
      revision bigint NOT NULL
    );

    CREATE TABLE verifier_lease (
      session bytea PRIMARY KEY CHECK (octet_length(session) = 16),
      acknowledged bigint NOT NULL,
      floor bigint NOT NULL,
      ttl_milliseconds bigint NOT NULL CHECK (ttl_milliseconds > 0)
    ) WITH (fillfactor = 50);

    -- 64 bits of a version 4 UUID's 122 random ones.
    CREATE FUNCTION revocation_tag() RETURNS bigint LANGUAGE sql VOLATILE AS
      $$ SELECT hashtextextended(gen_random_uuid()::text, 0) $$;

    INSERT INTO revocation (revision, tag, kind, subject) VALUES (0, revocation_tag(), 'nothing', '');
    INSERT INTO revocation_counter (revision) VALUES (0);

    -- Operators suspend accounts in SQL.
    CREATE FUNCTION revoke_account() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      next bigint;
    BEGIN
      UPDATE token.revocation_counter SET revision = revision + 1 RETURNING revision INTO next;
      INSERT INTO token.revocation (revision, tag, kind, subject)
      VALUES (next, token.revocation_tag(), 'account', NEW.account_id);
      PERFORM pg_notify('token_revocation', '');
      RETURN NULL;
    END $$;
    CREATE TRIGGER account_suspension AFTER UPDATE OF suspend_time ON account
      FOR EACH ROW WHEN (OLD.suspend_time IS DISTINCT FROM NEW.suspend_time) EXECUTE FUNCTION revoke_account();

    ALTER TABLE access_token ADD COLUMN disable_time timestamptz;

    ALTER TABLE credential
      ADD COLUMN is_previous boolean NOT NULL DEFAULT false,
      ADD COLUMN stop_time timestamptz;
    CREATE INDEX credential_previous_expire_time ON credential (expire_time) WHERE is_previous;

    ALTER TABLE idempotency ADD COLUMN operation text NOT NULL DEFAULT 'create';

    ALTER TABLE audit
      ADD COLUMN count bigint NOT NULL DEFAULT 1,
      ADD COLUMN hour timestamptz;
    CREATE UNIQUE INDEX audit_hour ON audit (account_id, action, actor_id, subject_id, hour) WHERE hour IS NOT NULL;
    CREATE INDEX audit_newest ON audit (account_id, create_time DESC, audit_id DESC);

    GRANT SELECT, INSERT, DELETE ON revocation, verifier_lease TO temporis_token;
    GRANT UPDATE (acknowledged, floor, ttl_milliseconds) ON verifier_lease TO temporis_token;
    GRANT SELECT, UPDATE (revision) ON revocation_counter TO temporis_token;
    GRANT UPDATE (name, last_four, permissions, expire_time, disable_time) ON access_token TO temporis_token;
    GRANT UPDATE (permissions, expire_time, is_previous, stop_time) ON credential TO temporis_token;
    GRANT SELECT, UPDATE (count) ON audit TO temporis_token;
    """
}
