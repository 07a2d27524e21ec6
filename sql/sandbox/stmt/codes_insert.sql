-- Stores an authorization code.
-- users: sandbox
-- params: hash, user, scope, redirect_uri, expires_at
INSERT INTO sandbox_codes (hash, user_id, scope, redirect_uri, expires_at, used_at)
VALUES (:hash, :user, :scope, :redirect_uri, :expires_at, NULL)
