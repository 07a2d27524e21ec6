-- Another owner of an organization who can log in.
-- users: app ctl
SELECT m.user_id
FROM memberships m
JOIN users u ON u.id = m.user_id
WHERE m.organization_id = :organization AND m.role = 'owner' AND m.user_id <> :user
  AND u.disabled_at IS NULL
LIMIT 1
