-- Everything that affects one pin, for the operator (all projects).
SELECT p.id, p.project_id, j.name, j.environment, p.account_id, a.username, a.health_code,
  IF(a.health <> 0, a.health_message, NULL) AS health_message,
  p.schedule_id, p.state, p.title, p.run_at, p.not_after, p.due_at, p.retries_spent, p.error_code,
  p.error_message, p.pinterest_pin_id, p.confirmed_by, p.published_at, p.failed_at, p.deleted_at,
  p.absent_at, p.candidates, w.wait_code, w.wait_until, l.next_turn_at, l.busy_until, l.shard,
  s.lease_until, k.message AS app_message
FROM pins p
JOIN waiting w ON w.pin_id = p.id
JOIN projects j ON j.id = p.project_id
JOIN pinterest_accounts a ON a.id = p.account_id
JOIN lanes l ON l.id = p.lane_id
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', p.project_id)
JOIN shards s ON s.shard = l.shard
WHERE p.id = :pin
