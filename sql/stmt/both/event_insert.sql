-- One event of the outbox, with the body that receivers get. When it is written decides its place in
-- event_list.
-- users: app worker
INSERT INTO events (id, project_id, type, subject_type, subject_id, subject_version, account_id,
  body, created_at)
VALUES (:id, :project, :type, :subject_type, :subject, :version, :account, :body, UTC_TIMESTAMP(6))
