-- When to look a verifying pin up (again).
UPDATE pins SET due_at = :due
WHERE id = :id AND project_id = :project AND state = $PIN_VERIFYING AND version = :version
