-- A person, the project's name, what is told about the organization, and the address that the person
-- wants to change to.
SELECT u.full_name, u.email, p.name AS workspace_name, t.email AS pending_email,
  t.created_at AS pending_at, {d.organization_details}
FROM users u
JOIN projects p ON p.id = :project AND p.organization_id = :organization
LEFT JOIN organization_details d ON d.organization_id = p.organization_id
LEFT JOIN user_tokens t ON t.token_hash = (
  SELECT x.token_hash FROM user_tokens x
  WHERE x.user_id = :user AND x.purpose = $TOKEN_EMAIL_CHANGE AND x.used_at IS NULL
    AND x.expires_at > UTC_TIMESTAMP(6)
  ORDER BY x.created_at DESC LIMIT 1)
WHERE u.id = :user
