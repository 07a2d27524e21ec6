-- Reset of a sandbox: its deliveries, some at a time.
DELETE FROM deliveries WHERE project_id = :project LIMIT 1000
