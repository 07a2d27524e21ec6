-- How many links of a project can still be used.
SELECT COUNT(*) AS total FROM connect_links
WHERE project_id = :project AND used_at IS NULL AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
