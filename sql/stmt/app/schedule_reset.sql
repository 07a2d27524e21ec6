-- Reset of a sandbox: deletes its schedules, in batches.
DELETE FROM schedules WHERE project_id = :project LIMIT 1000
