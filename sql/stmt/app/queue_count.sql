-- How much an account has to send up to a time, of pins and of schedules at most :most each, read from
-- the keys alone.
SELECT
  (SELECT COUNT(*) FROM (SELECT 1
    FROM pinterest_accounts a
    JOIN pins p ON p.account_id = a.id
    WHERE a.id = :account AND a.project_id = :project AND p.state = $PIN_WAITING AND p.due_at <= :due
    LIMIT :most) waiting) +
  (SELECT COUNT(*) FROM (SELECT 1
    FROM pinterest_accounts a
    JOIN schedules s ON s.account_id = a.id
    WHERE a.id = :account AND a.project_id = :project AND s.state = $PIN_PLANNED
      AND s.run_at <= :due
    LIMIT :most) planned) AS ahead
