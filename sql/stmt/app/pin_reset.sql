-- Reset of a sandbox: its pins, some at a time.
DELETE FROM pins WHERE project_id = :project LIMIT 1000
