-- A member of an organization, held until the commit.
-- users: app ctl
SELECT user_id, role FROM memberships WHERE id = :id AND organization_id = :organization
FOR UPDATE
