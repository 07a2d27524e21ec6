-- When what an account has to send up to a time is due, and its deadlines, earliest first.
SELECT q.due, q.not_after FROM (
  (SELECT p.due_at AS due, p.not_after
   FROM pinterest_accounts a
   JOIN pins p ON p.account_id = a.id
   WHERE a.id = :account AND a.project_id = :project AND p.state = $PIN_WAITING
     AND p.due_at <= :due
   ORDER BY p.due_at LIMIT :most)
  UNION ALL
  (SELECT s.run_at AS due, s.not_after
   FROM pinterest_accounts a
   JOIN schedules s ON s.account_id = a.id
   WHERE a.id = :account AND a.project_id = :project AND s.state = $PIN_PLANNED
     AND s.run_at <= :due
   ORDER BY s.run_at LIMIT :most)
) q
ORDER BY q.due LIMIT :most
