-- The operator's invitation to register: valid once, for :days days; for anyone who has it if :email is
-- NULL.
INSERT INTO invitations (id, token_hash, email, created_at, updated_at, expires_at)
VALUES (:id, :hash, :email, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6) + INTERVAL :days DAY)
