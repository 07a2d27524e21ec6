-- One import as shown to clients.
SELECT {import_view}
FROM imports m
WHERE m.project_id = :project AND (:allow IS NULL OR m.account_ids = :allow)
  AND m.id = :id
