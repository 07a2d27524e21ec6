-- Imports of a project, newest first; behind the import :after, if it is given. Left alone, the
-- database may read all imports for a filter that most of them, but none of the newest, match.
-- orders: every = FORCE INDEX (by_created) | status = FORCE INDEX (by_status) | source = FORCE INDEX (by_source)
SELECT {import_view}
FROM imports m /*ORDER*/
WHERE m.project_id = :project AND (:allow IS NULL OR m.account_ids = :allow)
  AND (:status IS NULL OR m.status = :status) AND (:source IS NULL OR m.source_type = :source)
  AND (:after IS NULL OR (m.created_at <= :key AND (m.created_at < :key OR m.id < :after)))
ORDER BY m.created_at DESC, m.id DESC
LIMIT :limit OFFSET :offset
