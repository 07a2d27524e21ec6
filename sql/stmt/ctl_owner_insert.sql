-- The owner of a new organization.
-- users: ctl
-- params: organization, user
INSERT INTO memberships (organization_id, user_id, role, created_at)
VALUES (:organization, :user, 'owner', UTC_TIMESTAMP(6))
