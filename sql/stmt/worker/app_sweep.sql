-- Deletes what was known of the Pinterest app of a sandbox that was reset.
DELETE FROM apps WHERE project_id = :project LIMIT :limit
