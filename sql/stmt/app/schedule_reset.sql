-- Reset of a sandbox: its schedules, some at a time.
DELETE FROM schedules WHERE project_id = :project LIMIT 1000
