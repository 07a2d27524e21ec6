-- Reset of a sandbox: its imports, some at a time.
DELETE FROM imports WHERE project_id = :project LIMIT 1000
