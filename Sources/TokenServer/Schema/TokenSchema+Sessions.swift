extension TokenSchema {
  /// What an owner needs to end sessions and to change the password: where each session signed in, the newest sessions
  /// of an account, and the rights.
  ///
  /// The right to change something of a session's row is what it takes to lock the row, before it is deleted; the same
  /// holds for the sign-in's, which a new session locks.
  static let sessions = """
    ALTER TABLE session ADD COLUMN client_address text;
    CREATE INDEX session_newest ON session (account_id, create_time DESC, session_id DESC);

    GRANT UPDATE (client_address) ON session TO temporis_token;
    GRANT UPDATE (password_hash, password_salt, scrypt_cost_exponent, scrypt_block_size, scrypt_parallelism,
      idempotency_hash) ON sign_in TO temporis_token;
    """
}
