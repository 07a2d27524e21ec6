-- Nothing is left of it now but what is being sent; a request that began before the reset may still
-- write.
UPDATE projects j SET j.sweep_at = UTC_TIMESTAMP(6) + INTERVAL
  IF(EXISTS (SELECT 1 FROM pins p WHERE p.project_id = j.id), 5, 300) SECOND
WHERE j.id = :project AND j.reset_at IS NOT NULL
