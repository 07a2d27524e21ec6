-- The user of a sandbox_user parameter.
SELECT id FROM sandbox_users WHERE name_key = :name_key
