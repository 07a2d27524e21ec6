-- Reset of a sandbox: its events, some at a time.
-- params: project
DELETE FROM events WHERE project_id = :project LIMIT 1000
