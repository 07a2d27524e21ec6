-- An invitation into an organization that was neither accepted nor withdrawn.
SELECT email, role FROM invitations
WHERE id = :id AND organization_id = :organization AND used_at IS NULL AND revoked_at IS NULL
FOR UPDATE
