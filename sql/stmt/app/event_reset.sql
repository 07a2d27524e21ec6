-- Reset of a sandbox: deletes its events, in batches.
DELETE FROM events WHERE project_id = :project LIMIT 1000
