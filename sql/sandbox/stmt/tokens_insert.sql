-- Stores a token.
INSERT INTO sandbox_tokens (hash, kind, user_id, scope, created_at, expires_at, revoked_at)
VALUES (:hash, :kind, :user, :scope, UTC_TIMESTAMP(6), :expires_at, NULL)
