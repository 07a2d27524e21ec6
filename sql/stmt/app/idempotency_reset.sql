-- Reset of a sandbox: deletes its idempotency keys, in batches.
DELETE FROM idempotency_keys WHERE project_id = :project LIMIT 1000
