-- Reset of a sandbox: its activity, some at a time.
DELETE FROM activity_logs WHERE project_id = :project LIMIT 1000
