-- Stores a token.
-- users: sandbox
-- params: hash, kind, user, scope, expires_at
INSERT INTO sandbox_tokens (hash, kind, user_id, scope, created_at, expires_at, revoked_at)
VALUES (:hash, :kind, :user, :scope, UTC_TIMESTAMP(6), :expires_at, NULL)
