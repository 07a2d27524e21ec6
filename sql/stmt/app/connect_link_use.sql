-- Takes a link for one connection.
UPDATE connect_links SET used_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND used_at IS NULL AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
