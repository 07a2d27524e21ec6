-- How many invitations invitation_list has on all its pages.
SELECT COUNT(*) AS total
FROM invitations
WHERE organization_id = :organization AND used_at IS NULL AND revoked_at IS NULL
