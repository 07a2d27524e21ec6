-- A user created by the operator: the address counts as verified.
INSERT INTO users (id, email, full_name, password_hash, email_verified, created_at)
VALUES (:id, :email, :name, :hash, 1, UTC_TIMESTAMP(6))
