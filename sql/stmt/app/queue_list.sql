-- What an account has to send, in the order in which it leaves. The id of a pin that came from a
-- schedule is the schedule's.
SELECT q.id, q.due, q.not_after
FROM (
  (SELECT COALESCE(p.schedule_id, p.id) AS id, p.due_at AS due, p.not_after
   FROM pins p
   WHERE p.account_id = :account AND p.project_id = :project AND p.state = $PIN_WAITING
     AND p.due_at IS NOT NULL
   ORDER BY p.due_at LIMIT :most)
  UNION ALL
  (SELECT s.id, s.run_at AS due, s.not_after
   FROM schedules s
   WHERE s.account_id = :account AND s.project_id = :project AND s.state = $PIN_PLANNED
   ORDER BY s.run_at LIMIT :most)
) q
ORDER BY q.due, q.id LIMIT :most
