-- The facts for the event of a schedule that could not become a pin, as this transaction has left
-- it.
SELECT s.account_id, j.environment, s.board_id, {s.pin_labels}, s.run_at, s.updated_at
FROM schedules s
JOIN projects j ON j.id = s.project_id
WHERE s.id = :id AND s.project_id = :project
