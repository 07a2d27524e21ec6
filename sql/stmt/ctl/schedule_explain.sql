-- One schedule, for the operator (all projects).
SELECT s.project_id, s.state, s.title, s.run_at, s.not_after, s.pin_id, s.last_error, s.deleted_at,
  h.lease_until
FROM schedules s
JOIN shards h ON h.shard = s.shard
WHERE s.id = :schedule
