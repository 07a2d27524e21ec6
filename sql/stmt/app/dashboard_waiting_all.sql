-- How many pins of a project wait, of those created in a time (NULL: whenever), read from an index alone.
-- anew: counts many entries of an index
SELECT COUNT(*) AS pins FROM pins p FORCE INDEX (by_state)
WHERE p.project_id = :project AND p.deleted_at IS NULL AND p.state = $PIN_WAITING
  AND (:since IS NULL OR p.created_at >= :since) AND (:until IS NULL OR p.created_at < :until)
