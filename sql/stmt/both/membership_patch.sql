-- Another role.
-- users: app ctl
UPDATE memberships SET role = :role, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND organization_id = :organization
