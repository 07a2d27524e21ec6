-- An invitation into an organization. Only the hash of its token is stored.
INSERT INTO invitations (id, token_hash, organization_id, email, role, invited_by, mailed,
  created_at, updated_at, expires_at)
VALUES (:id, :hash, :organization, :email, :role, :user, :mailed,
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND)
