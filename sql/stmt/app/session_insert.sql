-- A new session.
INSERT INTO sessions (token_hash, id, user_id, project_id, created_at, expires_at, network,
  user_agent)
VALUES (:hash, :id, :user, :project, UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND, :network, :agent)
