-- Withdraws what a member has invited.
-- users: app ctl
UPDATE invitations SET revoked_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE organization_id = :organization AND invited_by = :user AND used_at IS NULL
  AND revoked_at IS NULL
