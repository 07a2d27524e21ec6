-- Reset of a sandbox: its pins, some at a time.
-- params: project
DELETE FROM pins WHERE project_id = :project LIMIT 1000
