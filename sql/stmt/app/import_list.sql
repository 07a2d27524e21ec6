-- Imports of a project, newest first.
SELECT {import_view}
FROM imports m
WHERE m.project_id = :project AND (:allow IS NULL OR m.account_ids = :allow)
  AND (:status IS NULL OR m.status = :status) AND (:source IS NULL OR m.source_type = :source)
ORDER BY m.created_at DESC, m.id DESC
LIMIT :limit OFFSET :offset
