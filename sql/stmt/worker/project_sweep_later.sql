-- Nothing is left of it now; a request that began before the reset may still write.
UPDATE projects SET sweep_at = UTC_TIMESTAMP(6) + INTERVAL 5 MINUTE
WHERE id = :project AND reset_at IS NOT NULL
