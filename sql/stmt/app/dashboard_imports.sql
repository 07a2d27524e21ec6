-- Imports of a project that were made in a time, by status.
SELECT i.status, COUNT(*) AS imports FROM imports i FORCE INDEX (by_created)
WHERE i.project_id = :project AND i.created_at >= :since AND i.created_at < :until
GROUP BY i.status
