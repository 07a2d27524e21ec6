-- Whether a project has pins that failed with an error code.
SELECT EXISTS (SELECT 1 FROM pins p FORCE INDEX (by_error)
  WHERE p.project_id = :project AND p.error_code = :error AND p.deleted_at IS NULL
    AND p.state = $PIN_FAILED) AS there
