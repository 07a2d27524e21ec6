-- How many pins of an account are due before one that waits, at most :most.
-- users: app ctl
SELECT COUNT(*) AS ahead FROM (SELECT p.id FROM pins p
  WHERE p.account_id = :account AND p.project_id = :project AND p.state = $PIN_WAITING
    AND p.due_at < :due LIMIT :most) q
