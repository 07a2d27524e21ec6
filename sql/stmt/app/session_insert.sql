-- A new session.
INSERT INTO sessions (token_hash, user_id, project_id, created_at, expires_at)
VALUES (:hash, :user, :project, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND)
