-- An invitation: valid once, for :days days; for anyone who has it if :email is NULL.
INSERT INTO invitations (token_hash, email, created_at, expires_at)
VALUES (:hash, :email, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL :days DAY)
