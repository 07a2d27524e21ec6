-- Reset of a sandbox: deletes its pins, in batches.
DELETE FROM pins WHERE project_id = :project LIMIT 1000
