-- Deletes every user.
-- users: sandbox
DELETE FROM sandbox_users
