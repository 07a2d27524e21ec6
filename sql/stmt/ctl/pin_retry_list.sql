-- A batch of the failed pins that can be put back, after :after.
SELECT p.id, p.project_id, p.version, p.schedule_id, p.account_id, p.lane_id, p.attempts,
  p.error_code, p.error_message, p.failed_at, p.board_id, p.title, p.description, p.link_url
FROM pins p JOIN projects j ON j.id = p.project_id
JOIN pinterest_accounts a ON a.id = p.account_id AND a.revoked_at IS NULL
WHERE {pin_retry_filter} AND p.id > :after
ORDER BY p.id LIMIT :limit
