-- How many invitations into an organization can still be accepted.
SELECT LEAST(COUNT(*), :most) AS used FROM invitations
WHERE organization_id = :owner AND used_at IS NULL AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
