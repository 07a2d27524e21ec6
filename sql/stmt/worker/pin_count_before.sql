-- How many waiting pins of the same account and link host, earlier than this one, are deferred
-- already; counted up to 500 (days, at any reasonable gap).
SELECT COUNT(*) AS pins FROM (
  SELECT 1 FROM pins m
  JOIN pins p FORCE INDEX (head) ON p.account_id = m.account_id AND p.project_id = m.project_id
    AND p.state = $PIN_WAITING AND p.due_at > UTC_TIMESTAMP(6) AND p.deleted_at IS NULL
  WHERE m.id = :pin AND m.project_id = :project AND p.link_url LIKE :like
    AND (p.run_at < m.run_at OR (p.run_at = m.run_at AND p.id < m.id))
  LIMIT 500) x
