-- Deletes invitations into an organization that ended a month ago, and what replaces one of an address.
DELETE FROM invitations
WHERE organization_id = :organization AND (updated_at < UTC_TIMESTAMP(6) - INTERVAL 30 DAY
  OR (email = :email AND used_at IS NULL))
