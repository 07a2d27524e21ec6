-- Reset of a sandbox: deletes its imports, in batches.
DELETE FROM imports WHERE project_id = :project LIMIT 1000
