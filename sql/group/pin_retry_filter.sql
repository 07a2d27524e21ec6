-- Failed pins for `pintempo retry`; a filter that is NULL matches all.
p.state = $PIN_FAILED AND p.deleted_at IS NULL AND p.failed_at >= :since
  AND j.reset_at IS NULL
  AND (:codes IS NULL OR FIND_IN_SET(p.error_code, :codes) > 0)
  AND (:project IS NULL OR p.project_id = :project)
  AND (:environment IS NULL OR j.environment = :environment)
