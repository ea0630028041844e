package import Postgres
import ServiceDatabase

/// The schema `token`: accounts, how they sign in, their sessions and access tokens, what was done to them, and what
/// auth-verifiers have to learn of it.
package enum TokenSchema: DatabaseSchema {
  package static let name = "token"
  package static let role = "temporis_token"

  package static let migrations = [
    Migration(version: 1, name: "accounts, credentials and audit", sql: accountsAndCredentials),
    Migration(version: 2, name: "revocations and the life of access tokens", sql: revocations),
    Migration(version: 3, name: "an index of the peppers' versions", sql: pepperVersions),
    Migration(version: 4, name: "lists of sessions and new passwords", sql: sessions),
  ]

  /// Lets the versions of the peppers that hashes are keyed with be told without reading the hashes.
  private static let pepperVersions = "CREATE INDEX credential_pepper_version ON credential (pepper_version);"

  /// What an owner needs to end sessions and to change the password: where each session signed in, the newest sessions
  /// of an account, and the rights.
  ///
  /// The right to change something of a session's row is what it takes to lock the row, before it is deleted; the same
  /// holds for the sign-in's, which a new session locks.
  private static let sessions = """
    ALTER TABLE session ADD COLUMN client_address text;
    CREATE INDEX session_newest ON session (account_id, create_time DESC, session_id DESC);

    GRANT UPDATE (client_address) ON session TO temporis_token;
    GRANT UPDATE (password_hash, password_salt, scrypt_cost_exponent, scrypt_block_size, scrypt_parallelism,
      idempotency_hash) ON sign_in TO temporis_token;
    """

  /// Every key starts with the account, so that the data can be spread by account; but for what must be found without
  /// knowing the account: the sign-in address and the keyed hash of a secret. Those two have no foreign keys, as they
  /// may live elsewhere.
  private static let accountsAndCredentials = """
    CREATE TABLE account (
      account_id text PRIMARY KEY,
      email text NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      suspend_time timestamptz
    );

    CREATE TABLE sign_in (
      email_key text PRIMARY KEY,
      account_id text NOT NULL,
      password_hash bytea NOT NULL,
      password_salt bytea NOT NULL,
      scrypt_cost_exponent integer NOT NULL,
      scrypt_block_size integer NOT NULL,
      scrypt_parallelism integer NOT NULL,
      idempotency_hash bytea
    );

    CREATE TABLE session (
      account_id text NOT NULL REFERENCES account,
      session_id text NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      expire_time timestamptz NOT NULL,
      PRIMARY KEY (account_id, session_id)
    );
    CREATE INDEX session_expire_time ON session (expire_time);

    CREATE TABLE access_token (
      account_id text NOT NULL REFERENCES account,
      access_token_id text NOT NULL,
      name text NOT NULL,
      last_four text NOT NULL CHECK (length(last_four) = 4),
      permissions text[] NOT NULL CHECK (cardinality(permissions) > 0 AND permissions <@ '{ingest,predict}'),
      creator_id text NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      expire_time timestamptz,
      last_use_day date,
      PRIMARY KEY (account_id, access_token_id)
    );
    CREATE INDEX access_token_newest ON access_token (account_id, create_time DESC, access_token_id DESC);

    CREATE TABLE credential (
      secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
      pepper_version integer NOT NULL,
      kind text NOT NULL CHECK (kind IN ('access_token', 'dashboard_session')),
      account_id text NOT NULL,
      credential_id text NOT NULL,
      permissions text[] NOT NULL,
      expire_time timestamptz
    );
    CREATE INDEX credential_subject ON credential (account_id, credential_id);
    CREATE INDEX credential_session_expire_time ON credential (expire_time) WHERE kind = 'dashboard_session';

    CREATE TABLE idempotency (
      account_id text NOT NULL REFERENCES account,
      key_hash bytea NOT NULL,
      request_hash bytea NOT NULL,
      access_token_id text NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, key_hash)
    );
    CREATE INDEX idempotency_create_time ON idempotency (create_time);

    CREATE TABLE audit (
      account_id text NOT NULL,
      audit_id text NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      action text NOT NULL,
      actor_id text NOT NULL,
      subject_id text NOT NULL,
      PRIMARY KEY (account_id, audit_id)
    );

    DO $$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'temporis_token') THEN
        CREATE ROLE temporis_token NOLOGIN;
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      -- Roles belong to the whole cluster: another database's migration was faster.
      NULL;
    END $$;

    GRANT USAGE ON SCHEMA token TO temporis_token;
    GRANT SELECT, INSERT ON account, sign_in TO temporis_token;
    GRANT SELECT, INSERT, DELETE ON session, access_token, credential, idempotency TO temporis_token;
    GRANT UPDATE (last_use_day) ON access_token TO temporis_token;
    GRANT UPDATE (secret_hash, pepper_version) ON credential TO temporis_token;
    GRANT INSERT ON audit TO temporis_token;
    """
}
