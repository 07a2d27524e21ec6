-- When to look a verifying pin up (again).
-- users: worker
-- params: project, id, version, due
UPDATE pins SET due_at = :due
WHERE id = :id AND project_id = :project AND state = 3 AND version = :version
