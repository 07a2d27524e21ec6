-- The stored reply of an Idempotency-Key header.
SELECT body_hash, status, reply_sealed
FROM idempotency_keys
WHERE project_id = :project AND kind = 2 AND route = :route AND idem_key = :key
