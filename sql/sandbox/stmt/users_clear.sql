-- Deletes every user.
DELETE FROM sandbox_users
