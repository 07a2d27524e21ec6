-- Reset of a sandbox: its idempotency keys, some at a time.
DELETE FROM idempotency_keys WHERE project_id = :project LIMIT 1000
