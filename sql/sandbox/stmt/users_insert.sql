-- A new Pinterest user.
INSERT INTO sandbox_users (id, name_key, username, created_at, used_at)
VALUES (:id, :name_key, :username, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
