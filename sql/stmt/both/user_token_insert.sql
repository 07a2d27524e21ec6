-- A token of a person.
-- users: app ctl
INSERT INTO user_tokens (token_hash, user_id, purpose, email, created_at, expires_at)
VALUES (:hash, :user, :purpose, :email, UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND)
