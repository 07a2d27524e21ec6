-- Removes a member.
DELETE FROM memberships WHERE id = :id AND organization_id = :organization
