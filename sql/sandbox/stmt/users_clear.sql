-- Forgets every row of sandbox_users.
-- users: sandbox
DELETE FROM sandbox_users
