-- Sets the next look-up of a verifying pin.
UPDATE pins FORCE INDEX (PRIMARY) SET due_at = :due
WHERE id = :id AND project_id = :project AND state = $PIN_VERIFYING AND version = :version
