-- How many pins of a project wait to be sent, counted up to :most.
-- anew: counts many entries of an index
SELECT COUNT(*) AS used FROM (
  SELECT 1 FROM pins
  WHERE project_id = :owner AND deleted_at IS NULL AND state = $PIN_WAITING LIMIT :most) AS some
