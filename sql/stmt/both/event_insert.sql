-- One event of the outbox, with its body as receivers will get it.
-- users: app worker
-- params: id, project, type, pin, version, body, at
INSERT INTO events (id, project_id, type, pin_id, pin_version, body, created_at)
VALUES (:id, :project, :type, :pin, :version, :body, :at)
