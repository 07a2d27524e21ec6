-- A mail, for the worker to send.
-- users: app worker
INSERT INTO mails (id, kind, state, user_id, project_id, recipient, text_sealed, due_at,
  created_at, expires_at)
VALUES (:id, :kind, :state, :user, :project, :recipient, :text,
  IF(:state = $MAIL_WAITING, UTC_TIMESTAMP(6), NULL), UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND)
