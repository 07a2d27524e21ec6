-- How many replies of Idempotency-Key headers a project has, counted up to :most.
SELECT COUNT(*) AS used FROM (
  SELECT 1 FROM idempotency_keys WHERE project_id = :owner AND kind = 2 LIMIT :most) AS some
