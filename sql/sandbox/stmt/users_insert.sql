-- A new Pinterest user.
-- users: sandbox
-- params: id, name_key, username
INSERT INTO sandbox_users (id, name_key, username, created_at)
VALUES (:id, :name_key, :username, UTC_TIMESTAMP(6))
