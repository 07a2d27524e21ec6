-- What could not be deleted now has to let others go first.
UPDATE projects SET sweep_at = UTC_TIMESTAMP(6) + INTERVAL 30 SECOND
WHERE id = :project AND reset_at IS NOT NULL
