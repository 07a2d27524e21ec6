-- Reset of a sandbox: deletes its activity, in batches.
DELETE FROM activity_logs WHERE project_id = :project LIMIT 1000
