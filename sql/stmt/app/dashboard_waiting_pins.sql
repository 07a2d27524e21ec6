-- Of the first waiting pins of an account, those that wait for a reason.
SELECT p.created_at, p.run_at, p.schedule_id
FROM (
  SELECT p.id FROM pins p FORCE INDEX (head)
  WHERE p.account_id = :account AND p.project_id = :project AND p.state = $PIN_WAITING
    AND p.deleted_at IS NULL
  ORDER BY p.due_at LIMIT :most
) seen
STRAIGHT_JOIN pins p ON p.id = seen.id
STRAIGHT_JOIN waiting w ON w.pin_id = p.id
WHERE w.wait_code <> $WAIT_NONE
