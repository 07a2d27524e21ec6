-- Reset of a sandbox: deletes its deliveries, in batches.
DELETE FROM deliveries WHERE project_id = :project LIMIT 1000
