-- Reset of a sandbox: its events, some at a time.
DELETE FROM events WHERE project_id = :project LIMIT 1000
