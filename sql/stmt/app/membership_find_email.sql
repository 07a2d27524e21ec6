-- The member of an organization with an address.
SELECT m.id
FROM memberships m
JOIN users u ON u.id = m.user_id
WHERE m.organization_id = :organization AND u.email = :email
