-- Stores an authorization code.
INSERT INTO sandbox_codes (hash, user_id, scope, redirect_uri, expires_at, used_at)
VALUES (:hash, :user, :scope, :redirect_uri, :expires_at, NULL)
