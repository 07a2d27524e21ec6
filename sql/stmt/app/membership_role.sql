-- The role of a user in an organization, held until the commit.
SELECT role FROM memberships WHERE organization_id = :organization AND user_id = :user
LOCK IN SHARE MODE
