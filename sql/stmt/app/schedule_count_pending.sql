-- How many schedules of a project wait for their time, counted up to :most.
-- anew: counts many entries of an index
SELECT COUNT(*) AS used FROM (
  SELECT 1 FROM schedules
  WHERE project_id = :owner AND deleted_at IS NULL AND state = $PIN_PLANNED LIMIT :most) AS some
