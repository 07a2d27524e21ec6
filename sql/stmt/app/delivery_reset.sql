-- Reset of a sandbox: its deliveries, some at a time.
-- params: project
DELETE FROM deliveries WHERE project_id = :project LIMIT 1000
