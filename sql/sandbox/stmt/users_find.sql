-- The user of a sandbox_user parameter.
-- users: sandbox
-- params: name_key
SELECT id FROM sandbox_users WHERE name_key = :name_key
