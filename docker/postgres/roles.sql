-- The database, its owner, who migrates, and a role for each service, whose rights its migrations grant.
-- Runs once, when the volume is new.

-- No statement with a password is logged, not even one that fails.
SET log_min_error_statement = panic;

\set owner_password `sed 's/.*:\(.*\)@.*/\1/' /run/secrets/database-url-temporis`
\set token_password `sed 's/.*:\(.*\)@.*/\1/' /run/secrets/database-url-temporis_token`
\set predict_password `sed 's/.*:\(.*\)@.*/\1/' /run/secrets/database-url-temporis_predict`

CREATE ROLE temporis LOGIN PASSWORD :'owner_password';
CREATE ROLE temporis_token LOGIN PASSWORD :'token_password';
CREATE ROLE temporis_predict LOGIN PASSWORD :'predict_password';
CREATE DATABASE temporis OWNER temporis;
REVOKE ALL ON DATABASE temporis FROM PUBLIC;
GRANT CONNECT ON DATABASE temporis TO temporis_token, temporis_predict;

-- Nobody signs in as the superuser over the network.
ALTER ROLE postgres PASSWORD NULL;
