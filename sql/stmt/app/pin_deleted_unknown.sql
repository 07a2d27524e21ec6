-- A deleted pin that may still be on Pinterest, since its outcome is unknown.
SELECT id FROM pins
WHERE id = :id AND project_id = :project AND deleted_at IS NOT NULL AND state = $PIN_FAILED
  AND ((error_code = 'outcome_unknown' AND attempts > 0) OR maybe_sent_since IS NOT NULL)
