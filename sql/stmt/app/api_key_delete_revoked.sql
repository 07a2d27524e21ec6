-- Deletes the oldest revoked keys of a project but for :keep of them.
DELETE k FROM api_keys k
JOIN (SELECT id FROM api_keys WHERE project_id = :project AND revoked_at IS NOT NULL
  ORDER BY revoked_at DESC, id DESC LIMIT 1000 OFFSET :keep) AS oldest ON oldest.id = k.id
WHERE k.project_id = :project
