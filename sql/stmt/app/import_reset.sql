-- Reset of a sandbox: its imports, some at a time.
-- params: project
DELETE FROM imports WHERE project_id = :project LIMIT 1000
