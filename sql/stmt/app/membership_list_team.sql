-- The members of an organization, or the one with that id, with who invited them; oldest first,
-- behind the member :after, if it is given. Not :all: only the user, and the owners.
SELECT m.id, m.role, m.invited_by, m.accepted_at, m.created_at, m.updated_at,
  u.id AS person_id, u.email, u.full_name, u.timezone,
  u.email_verified, u.created_at AS registered_at, b.id AS by_id, b.email AS by_email,
  b.full_name AS by_name, b.timezone AS by_timezone, b.email_verified AS by_verified,
  b.created_at AS by_registered_at
FROM memberships m
JOIN users u ON u.id = m.user_id
LEFT JOIN users b ON b.id = m.invited_by
WHERE m.organization_id = :organization AND (:id IS NULL OR m.id = :id)
  AND (:all OR m.user_id = :user OR m.role = 'owner')
  AND (:after IS NULL OR (m.created_at >= :key AND (m.created_at > :key OR m.id > :after)))
ORDER BY m.created_at, m.id
LIMIT :limit OFFSET :offset
