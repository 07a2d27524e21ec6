-- A new user.
INSERT INTO users (id, email, full_name, timezone, password_hash, created_at)
VALUES (:id, :email, :name, :timezone, :password, UTC_TIMESTAMP(6))
