-- The project of a status token, if the key that gave it may still read it, and the time.
SELECT p.organization_id, p.environment, p.limits, k.account_ids, UTC_TIMESTAMP(6) AS now
FROM api_keys k
JOIN projects p ON p.id = k.project_id
WHERE k.id = :id AND k.project_id = :project AND k.revoked_at IS NULL AND k.scopes & 1
