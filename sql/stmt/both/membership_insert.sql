-- Makes a user a member.
-- users: app ctl
INSERT INTO memberships (organization_id, user_id, role, created_at)
VALUES (:organization, :user, :role, UTC_TIMESTAMP(6))
