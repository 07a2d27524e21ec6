-- Deletes idempotency keys and stored replies that a reset left behind.
DELETE FROM idempotency_keys WHERE project_id = :project LIMIT :limit
