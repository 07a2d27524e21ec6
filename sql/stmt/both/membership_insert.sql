-- Makes a user a member; :accepted of an invitation.
-- users: app ctl
INSERT INTO memberships (organization_id, user_id, id, role, invited_by, accepted_at, created_at,
  updated_at)
VALUES (:organization, :user, :id, :role, :by, IF(:accepted, UTC_TIMESTAMP(6), NULL),
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
